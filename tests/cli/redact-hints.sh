# A hint that is left out leaves its length.
"$SPNEGO" decode --format json --redact -t a0243022a00d300b06092a864886f712010202a311300fa00d1b0b686f737424405245414c4d
"$SPNEGO" decode --redact -t a0243022a00d300b06092a864886f712010202a311300fa00d1b0b686f737424405245414c4d
