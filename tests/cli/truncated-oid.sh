# An OID that the input ends in is not called malformed besides.
"$SPNEGO" decode -t "Negotiate oRQwEqADCgEDoQsGCSqG"
