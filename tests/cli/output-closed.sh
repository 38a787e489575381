# Standard output that is closed: a sentence and 74, whatever was to be written.
for command in "decode -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==" "lint -t a182000b30820007a08200030a0100" "extract -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==" \
    "encode -t SEQUENCE{}" "explain 106" "explain --list" "decode --help" --help --version; do
    # shellcheck disable=SC2086
    "$SPNEGO" $command 2>&1 >&-
    echo "$?"
done
printf 'I: oQcwBaADCgEC\n' | "$SPNEGO" replay 2>&1 >&-
echo "$?"
printf 'oQcwBaADCgEC\n' | "$SPNEGO" decode --from lines -j 2 2>&1 >&-
echo "$?"
