# Bare NTLM where SPNEGO is expected: said, and no error.
"$SPNEGO" decode -t "Authorization: Negotiate TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAA="
