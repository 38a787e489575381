# A server's first answer names its schemes and has no token.
"$SPNEGO" decode -t "WWW-Authenticate: Negotiate
WWW-Authenticate: NTLM"
