# Base64, wrapped.
"$SPNEGO" decode --format json <<'END'
oRQwEqAD
CgEDoQsG
CSqGSIL3
EgECAg==
END
