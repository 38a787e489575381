# A bare Kerberos token.
"$SPNEGO" decode --format json -t 601106092a864886f71201020201006e023000
