# A line of a log without a scheme.
"$SPNEGO" decode --format json <<'END'
10:00:00 continue token: oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
