# Keys, their order and offsets, of a framed token.
"$SPNEGO" decode --format json -t YCgGBisGAQUFAqAeMBygGjAYBgorBgEEAYI3AgIeBgorBgEEAYI3AgIK
