# A token that is cut short: what there is, is shown.
"$SPNEGO" decode --format json -t "a1 07 30 05 a0 03 0a"
