# Said to be headers, other words are not looked at.
"$SPNEGO" decode --format json --from header <<'END'
X-Token: oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
Authorization: Negotiate oQcwBaADCgEC
END
