# What only looks like it.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# a number above 255
form <<'END'
161 256 48 18 160 3 10 1 3 161 11 6
END
# decimal, but no token
form <<'END'
161, 20, 49, 18, 160, 3, 10, 1, 3, 161, 11, 6
END
# a version
form <<'END'
version 96.72.6.6.43.6.1.5.5.2
END
# an escape that is no octet
form <<'END'
x = "\xa1\x14\u30120\x12\xa0\x03\n\x01\x03"
END
# what is beside the octets is not what they are in ASCII: no dump, so the lines are not one token
form <<'END'
a1 14 30 12 a0 03 0a 01  ..X.....
03 a1 0b 06 09 2a 86 48  .....*.H
END
# a word that only ends like a token
form <<'END'
96oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
# an escape of more than an octet
form <<'END'
x = "\241\024\060\022\240\003\012\001\003\777"
END
# a character of more than an octet
form <<'END'
x = "\xa1\x14\u0130\x12\xa0\x03\n\x01\x03"
END
# what is beside the octets is longer than they are
form <<'END'
a1 14 30 12 a0 03 0a 01  ..0..... and more
03 a1 0b 06 09 2a 86 48  .....*.H and more
END
# an escape that is cut
form <<'END'
x = "\241\024\060\022\240\003\n\001\003!\xz1\v"
END
