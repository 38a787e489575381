# Hexadecimal with comments among it.
"$SPNEGO" decode --format json <<'END'
# NegTokenResp
a1 14 30 12   # its header
a0 03 0a 01 03
# supportedMech
a1 0b 06 09 2a 86 48 82 f7 12 01 02 02
END
