# Characters that turn the writing direction, and ones that nobody sees.
"$SPNEGO" decode --format json -t a0283026a00d300b06092a864886f712010202a3153013a0111b0f78e280ae79e281a67ae2808befbbbf
