# Tokens inside the token, their offsets from its first octet.
"$SPNEGO" decode --format json -t a1323030a0030a0100a2150413601106092a864886f71201020201006e023000a312041001000000aaaaaaaaaaaaaaaa00000000
