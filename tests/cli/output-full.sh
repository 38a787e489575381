# A disk that is full: a sentence and 74, also where the octets wait in a buffer until the end.
for command in "decode -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==" "extract -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==" "encode -t SEQUENCE{}" \
    "explain --list" --version; do
    # shellcheck disable=SC2086
    "$SPNEGO" $command 2>&1 >/dev/full
    echo "$?"
done
# Of lines without an end none more is read.
yes oQcwBaADCgEC | "$SPNEGO" decode --from lines -j 2 --format json 2>&1 >/dev/full
echo "$?"
