# A header line, its case as it comes.
"$SPNEGO" decode --format json <<'END'
proxy-AUTHENTICATE: NEGOTIATE oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
