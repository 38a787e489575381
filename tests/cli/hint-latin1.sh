# What is not UTF-8 is Latin-1.
"$SPNEGO" decode --format json -t a0223020a00d300b06092a864886f712010202a30f300da00b1b094dfc6c6c65729b316d
