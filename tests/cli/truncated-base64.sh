# A header that a log cut where one character makes no octet.
"$SPNEGO" decode -t "Negotiate oRQwEqADCgEDoQsGCSqGS"
