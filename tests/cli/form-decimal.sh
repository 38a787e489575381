# Arrays as languages print them: decimal, signed where their octets are.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# .NET, PowerShell: $bytes -join ","
form <<'END'
161,27,48,25,160,3,10,1,0,163,18,4,16,1,0,0,0,240,70,24,225,227,125,112,68,0,0,0,0
END
# PowerShell: $bytes
form <<'END'
161
27
48
25
160
3
10
1
0
163
18
4
16
1
0
0
0
240
70
24
225
227
125
112
68
0
0
0
0
END
# Java: Arrays.toString
form <<'END'
[DEBUG] token=[-95, 27, 48, 25, -96, 3, 10, 1, 0, -93, 18, 4, 16, 1, 0, 0, 0, -16, 70, 24, -31, -29, 125, 112, 68, 0, 0, 0, 0] from peer
END
# Java source
form <<'END'
byte[] t = {(byte) 161, 27, 48, 25, (byte) 160, 3, 10, 1, 0, (byte) 163, 18, 4, 16, 1, 0, 0, 0, (byte) 240, 70, 24, (byte) 225, (byte) 227, 125, 112, 68, 0, 0, 0, 0};
END
# Go
form <<'END'
[161 27 48 25 160 3 10 1 0 163 18 4 16 1 0 0 0 240 70 24 225 227 125 112 68 0 0 0 0]
END
# Node: a Uint8Array
form <<'END'
Uint8Array(29) [
  161,  27,  48,  25, 160,   3,  10,   1,   0, 163,  18,   4,
   16,   1,   0,   0,   0, 240,  70,  24, 225, 227, 125, 112,
   68,   0,   0,   0,   0
]
END
# od -tu1
form <<'END'
0000000 161  27  48  25 160   3  10   1   0 163  18   4  16   1   0   0
0000020   0 240  70  24 225 227 125 112  68   0   0   0   0
0000035
END
# cut short, as a log does it
form <<'END'
token=[161, 27, 48, 25, 160, 3, 10, 1, 0, 163, 18, 4, 16, 1, 0, 0, 0, 240, 70, 24, ...]
END
# begun behind other text
form <<'END'
byte[] t = { 161, 27, 48, 25,
160, 3, 10, 1, 0, 163, 18, 4, 16, 1, 0, 0, 0, 240, 70, 24, 225, 227, 125, 112, 68, 0, 0, 0, 0 };
END
