# Octets that are no DER survive the way to source text and back.
for token in a1073005a0030a01 a0800000 a1ffaa 600606042b060105 a10430020a00ff a1843000 ; do
    "$SPNEGO" decode --from hex --as-vector -t $token >vector
    "$SPNEGO" encode --to hex vector
done
