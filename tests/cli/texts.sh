# Several -t, then a file.
echo oRQwEqADCgEDoQsGCSqGSIL3EgECAg== >file
"$SPNEGO" decode --format json -t oQcwBaADCgEC file -t oQcwBaADCgEC
