# Present but empty is not absent.
"$SPNEGO" decode -t a1063004a2020400
"$SPNEGO" decode --format json -t a1063004a2020400
