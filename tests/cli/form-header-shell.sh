# A shell command.
"$SPNEGO" decode --format json <<'END'
curl -H 'Authorization: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==' http://server.example/
END
