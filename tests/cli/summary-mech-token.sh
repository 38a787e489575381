# What a mechToken is called: by its mechanism only where its octets show it.
krb5=a00d300b06092a864886f712010202
for fields in "3013 $krb5 a2020400" "3016 $krb5 a2050403010203" \
    "3023 $krb5 a2120410 4e544c4d535350000100000000000000" "300e a00530030601 29a2050403010203"; do
    octets=$(printf %s "$fields" | tr -d ' ')
    "$SPNEGO" decode -t "$(printf 'a0%02x%s' $((${#octets} / 2)) "$octets")" | sed -n '/^NegToken/,$p'
done
"$SPNEGO" decode --as initiator -t a011300fa00d300b06092a864886f712010202 | sed -n '/^NegToken/,$p'
"$SPNEGO" decode -t a0023000 | sed -n '/^NegToken/,$p'
