# Nothing at all.
"$SPNEGO" decode </dev/null 2>&1
