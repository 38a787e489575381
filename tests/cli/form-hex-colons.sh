# Hexadecimal with colons, in capitals.
"$SPNEGO" decode --format json <<'END'
A1:14:30:12:A0:03:0A:01:03:A1:0B:06:09:2A:86:48:82:F7:12:01:02:02
END
