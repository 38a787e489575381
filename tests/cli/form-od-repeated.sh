# A dump whose repeated lines are left out.
"$SPNEGO" decode --format json <<'END'
0000000 a1 36 30 34 a2 32 04 30 00 00 00 00 00 00 00 00
0000020 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
*
0000060 00 00 00 00 00 00 00 00
0000070
END
