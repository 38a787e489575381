# A clean token.
"$SPNEGO" lint -t oQcwBaADCgEC
