# Several tokens in one input, in order.
"$SPNEGO" decode --format json <<'END'
# one
Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
# two
oQcwBaADCgEC
a1 07 30 05 a0 03 0a 01 02
END
