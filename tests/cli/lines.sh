# One token a line in, one object a line out, whatever the line is.
printf '%s\n' oQcwBaADCgEC '# comment' '' 'no token' 'Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==' | "$SPNEGO" decode --format json --from lines
