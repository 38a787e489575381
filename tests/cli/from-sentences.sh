# What is not what the user said it is.
"$SPNEGO" decode --from hex -t zz 2>&1 >/dev/null
"$SPNEGO" decode --from base64 -t '!!' 2>&1 >/dev/null
"$SPNEGO" decode --from header -t foo 2>&1 >/dev/null
