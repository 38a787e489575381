# Said to be hexadecimal, base64 is none.
"$SPNEGO" decode --format json --from hex <<END 2>/dev/null
oQcwBaADCgEC
END
"$SPNEGO" decode --format json --from hex -t a1073005a0030a0102
