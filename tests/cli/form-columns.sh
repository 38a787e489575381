# Two tokens in one line, or a number behind one: each ends where it says.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# tshark -T fields -E separator=,
form <<'END'
4,a1143012a0030a0103a10b06092a864882f712010202,a11b3019a0030a0100a312041001000000f04618e1e37d704400000000
END
# tshark -T fields
form <<'END'
4	a1:14:30:12:a0:03:0a:01:03:a1:0b:06:09:2a:86:48:82:f7:12:01:02:02	a1:1b:30:19:a0:03:0a:01:00:a3:12:04:10:01:00:00:00:f0:46:18:e1:e3:7d:70:44:00:00:00:00
END
# tshark -T ek
form <<'END'
{"spnego_raw":["a11b3019a0030a0100a312041001000000f04618e1e37d704400000000", 66, 29, 0, 0]}
END
# all alike: what follows belongs to it
form <<'END'
0xa1, 0x14, 0x30, 0x12, 0xa0, 0x03, 0x0a, 0x01, 0x03, 0xa1, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x02
END
