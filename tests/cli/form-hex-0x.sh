# A number in hexadecimal.
"$SPNEGO" decode --format json <<'END'
0xa1143012a0030a0103a10b06092a864882f712010202
END
