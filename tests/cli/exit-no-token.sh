# Text that is no token, even if its first letter could be the tag of an AP-REQ.
"$SPNEGO" lint -t "nothing to see here" 2>&1
