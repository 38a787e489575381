# Said to be base64, what looks like hexadecimal is base64.
"$SPNEGO" decode --format json --from base64 -t oQcwBaADCgEC
