# A line of a log.
"$SPNEGO" decode --format json <<'END'
2016-06-22 10:00:00 DEBUG Negotiate Header for request http://a.example:8080/x: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
END
