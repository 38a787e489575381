# A dump by xxd -p, in short lines.
"$SPNEGO" decode --format json <<'END'
a1143012a0030a0103a1
0b06092a864882f71201
0202
END
