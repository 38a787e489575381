# NUL, escape and quotes in hintName.
"$SPNEGO" decode --format json -t a0233021a00d300b06092a864886f712010202a310300ea00c1b0a6100621b5b324a225c7f
