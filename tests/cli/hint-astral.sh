# A tag character beyond the first plane becomes a pair of escapes.
"$SPNEGO" decode --format json -t a01e301ca00d300b06092a864886f712010202a30b3009a0071b0561f3a08181
