# An input that can be read once and has no length.
mkfifo in
for command in decode lint extract "decode --from lines" "decode --as-vector" "extract --from raw"; do
    printf 'oRQwEqADCgEDoQsGCSqGSIL3EgECAg==\n' >in &
    # shellcheck disable=SC2086
    "$SPNEGO" $command in 2>&1 | tail -n 3
    wait
done
printf 'I: oQcwBaADCgEC\n' >in &
"$SPNEGO" replay in 2>&1 | tail -n 1
