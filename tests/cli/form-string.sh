# Strings of source text: what can be printed as it is, the rest as escapes.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# Python
form <<'END'
sent b'\xa1\x1b0\x19\xa0\x03\n\x01\x00\xa3\x12\x04\x10\x01\x00\x00\x00\xf0F\x18\xe1\xe3}pD\x00\x00\x00\x00' to peer
END
# Python, over several lines
form <<'END'
token = (
    b'\xa1\x1b0\x19\xa0\x03\n\x01'
    b'\x00\xa3\x12\x04\x10\x01\x00\x00'
    b'\x00\xf0F\x18\xe1\xe3}p'
    b'D\x00\x00\x00\x00'
)
END
# C, octal, as strace and gdb print it
form <<'END'
write(5, "\241\0330\31\240\3\n\1\0\243\22\4\20\1\0\0\0\360F\30\341\343}pD\0\0\0\0", 29) = 29
END
# Ruby
form <<'END'
"\xA1\x1B0\x19\xA0\x03\n\x01\x00\xA3\x12\x04\x10\x01\x00\x00\x00\xF0F\x18\xE1\xE3}pD\x00\x00\x00\x00"
END
# JavaScript
form <<'END'
token: "\u00a1\u001b0\u0019\u00a0\u0003\n\u0001\u0000\u00a3\u0012\u0004\u0010\u0001\u0000\u0000\u0000\u00f0F\u0018\u00e1\u00e3}pD\u0000\u0000\u0000\u0000"
END
# PostgreSQL: all digits behind one
form <<'END'
\xa11b3019a0030a0100a312041001000000f04618e1e37d704400000000
END
# C, the first line all escapes
form <<'END'
char t[] =
    "\xa1\x1b"
    "0\x19\xa0\x03\n\x01"
    "\x00\xa3\x12\x04\x10\x01\x00\x00\x00\xf0\x46\x18\xe1\xe3\x7d\x70\x44\x00\x00\x00\x00";
END
# Perl, over two lines, the second beginning like a comment
form <<'END'
$VAR1 = "\241\v0\t\242\a\4\5" .
        '#\x00\$\@A';
END
