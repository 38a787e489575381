# What a connection carried, both directions one after the other.
printf '\026\001\000\000\011\241\007\060\005\240\003\012\001\001\024\001\000\000\011\241\007\060\005\240\003\012\001\000' |
    "$SPNEGO" decode --from nns --format json
printf '\005\001\001\005\001\001\001\000\011\241\007\060\005\240\003\012\001\001\001\001\000\011\241\007\060\005\240\003\012\001\000\001\377' |
    "$SPNEGO" decode --from socks5 --format json
"$SPNEGO" decode --from xmpp --format json -t "<?xml version='1.0'?><auth mechanism='GSSAPI'>oRQwEqADCgEDoQsGCSqGSIL3EgECAg==</auth><challenge>oRQwEqADCgEDoQsGCSqGSIL3EgECAg==</challenge><auth mechanism='PLAIN'>AGEAYg==</auth>"
"$SPNEGO" decode --from nns /dev/null >/dev/null 2>&1
echo $?
