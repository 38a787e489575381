# A dump by od -tx1.
"$SPNEGO" decode --format json <<'END'
0000000 a1 14 30 12 a0 03 0a 01 03 a1 0b 06 09 2a 86 48
0000020 82 f7 12 01 02 02
0000026
END
