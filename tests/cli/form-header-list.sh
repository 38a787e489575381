# Several challenges in one header.
"$SPNEGO" decode --format json <<'END'
HTTP/1.1 401 Unauthorized
WWW-Authenticate: Basic realm="a, b", Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==, NTLM
Server: x
END
