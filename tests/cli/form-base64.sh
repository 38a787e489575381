# Base64.
"$SPNEGO" decode --format json <<'END'
oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
