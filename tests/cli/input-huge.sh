# Three gigabytes: a sentence after the first 64 MiB of them, also where a long has 32 bits.
truncate -s 3G huge
for command in decode lint replay encode "decode --from raw" "decode --from nns" "decode --as-vector"; do
    # shellcheck disable=SC2086
    "$SPNEGO" $command huge 2>&1
    echo "$?"
done
# ... but for extract, which searches files of any length; a tenth of that is enough to see it.
truncate -s 300M huge
"$SPNEGO" extract huge 2>&1
echo "$?"
