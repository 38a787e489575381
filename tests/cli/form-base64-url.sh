# Base64 in the url-safe alphabet, without padding.
"$SPNEGO" decode --format json <<'END'
oQkwB6IFBAP77_8
END
