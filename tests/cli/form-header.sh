# A header line.
"$SPNEGO" decode --format json <<'END'
Authorization: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
