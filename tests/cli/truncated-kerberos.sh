# A bare Kerberos token that says it is longer.
"$SPNEGO" decode -t "Negotiate YIICrwYJKoZIhvcSAQICAQBuggKeMIIC"
