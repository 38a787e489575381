# UTF-8 stays as it is.
"$SPNEGO" decode --format json -t a0243022a00d300b06092a864886f712010202a311300fa00d1b0b4dc3bc6c6c657220e282ac
