# A folded header.
"$SPNEGO" decode --format json <<'END'
WWW-Authenticate: Negotiate oRQwEqADCgED
	oQsGCSqGSIL3EgECAg==
Server: x
END
