# Said to be raw, text is not looked into.
"$SPNEGO" decode --format json --from raw 2>/dev/null <<END
oQcwBaADCgEC
END
