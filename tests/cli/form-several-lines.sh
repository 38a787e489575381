# A token a line, without anything between them.
"$SPNEGO" decode --format json <<'END'
oQcwBaADCgEC
oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
oQcwBaADCgEC
END
