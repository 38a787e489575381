# A dump by xxd.
"$SPNEGO" decode --format json <<'END'
00000000: a114 3012 a003 0a01 03a1 0b06 092a 8648  ..0..........*.H
00000010: 82f7 1201 0202                           ......
END
