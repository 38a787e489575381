# Hexadecimal in one piece.
"$SPNEGO" decode --format json <<'END'
a1143012a0030a0103a10b06092a864882f712010202
END
