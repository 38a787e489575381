# Every beginning of a token is undecodable for one reason only, that it ends.
token=602506062b0601050502a01b3019a00d300b06092a864886f712010202a2080406010203040506
length=2
while [ $length -le ${#token} ]; do
    "$SPNEGO" lint --from hex -t "$(printf %.${length}s $token)" | sed 's/^-t:[0-9]*: //'
    "$SPNEGO" decode --from hex -t "$(printf %.${length}s $token)" >/dev/null
    echo "exit $?"
    length=$((length + 2))
done | sort | uniq -c | sed 's/^ *//'
