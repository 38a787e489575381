# Colour where it is asked for, and not in a pipe.
"$SPNEGO" decode -t oQcwBaADCgEC | grep -c "$(printf "\033")"
"$SPNEGO" decode --color always -t oQcwBaADCgEC | grep -c "$(printf "\033")"
NO_COLOR=1 "$SPNEGO" decode --color auto -t oQcwBaADCgEC | grep -c "$(printf "\033")"
