# What curl -v prints.
"$SPNEGO" decode --format json <<'END'
> GET / HTTP/1.1
> Host: server.example
> Authorization: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
> User-Agent: curl/7.88.1
> Accept: */*
>
< HTTP/1.1 401 Unauthorized
< WWW-Authenticate: Negotiate
END
