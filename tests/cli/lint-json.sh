# Findings alone, as JSON.
"$SPNEGO" lint --format json -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
