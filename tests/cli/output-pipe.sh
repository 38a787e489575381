# A reader that has seen enough: the signal ends the command, and where it is ignored, the error.
yes oQcwBaADCgEC 2>/dev/null | ("$SPNEGO" decode --from lines --format json; echo "$?" >status) | head -n 1
cat status
(
    trap '' PIPE
    yes oQcwBaADCgEC 2>/dev/null | ("$SPNEGO" decode --from lines -j 2 --format json 2>message; echo "$?" >status) | head -n 1
)
cat message status
