# An option that is not known.
"$SPNEGO" decode --nonsense 2>&1
