# A line of a log, in hexadecimal.
"$SPNEGO" decode --format json <<'END'
HEX: a1143012a0030a0103a10b06092a864882f712010202
END
