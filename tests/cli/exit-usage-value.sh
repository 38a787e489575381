# A value that is missing, or none of those allowed.
"$SPNEGO" decode -t 2>&1
"$SPNEGO" decode --as server 2>&1
"$SPNEGO" decode --format xml 2>&1
