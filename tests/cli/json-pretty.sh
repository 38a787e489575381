# --pretty only adds blanks.
"$SPNEGO" decode --format json --pretty -t oQcwBaADCgEC
