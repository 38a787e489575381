# Bare NTLM under its own scheme.
"$SPNEGO" decode --format json -t "NTLM TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAA="
