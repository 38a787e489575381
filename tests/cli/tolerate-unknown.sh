# A tolerance that does not exist.
"$SPNEGO" decode --tolerate NONSENSE -t oQcwBaADCgEC 2>&1
