# A token as a vector file, which made anew is the same.
echo oRQwEqADCgEDoQsGCSqGSIL3EgECAg== >reply.hex
"$SPNEGO" decode --as-vector reply.hex | tee vector
"$SPNEGO" decode --as-vector vector | cmp - vector
