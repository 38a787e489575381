# A header without a token.
"$SPNEGO" lint -t "WWW-Authenticate: Negotiate" 2>&1
