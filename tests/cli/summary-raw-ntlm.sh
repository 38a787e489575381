# Bare NTLM says something about Kerberos only where Negotiate was the scheme.
for before in "" "NTLM " "Negotiate "; do
    "$SPNEGO" decode -t "${before}TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAA=" | sed -n '/^[rN]/,$p'
done
