# A directory is no input.
"$SPNEGO" decode . 2>&1
