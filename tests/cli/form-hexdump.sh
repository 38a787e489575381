# A dump by hexdump -C.
"$SPNEGO" decode --format json <<'END'
00000000  a1 14 30 12 a0 03 0a 01  03 a1 0b 06 09 2a 86 48  |..0..........*.H|
00000010  82 f7 12 01 02 02                                 |......|
00000016
END
