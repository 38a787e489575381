# Fields that nobody knows stand in no OCTET STRING, whatever the octets before them look like.
"$SPNEGO" decode --from hex -t "a1 20 30 1e a0 03 0a 01 01 a2 06 04 04 aa bb 04 4f a9 02 01 02"
