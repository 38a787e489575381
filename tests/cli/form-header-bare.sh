# A scheme and a token.
"$SPNEGO" decode --format json <<'END'
Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
