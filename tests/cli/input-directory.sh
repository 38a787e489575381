# A directory, and a file that opens but cannot be read: 66 from every command.
for input in . /proc/self/mem; do
    for command in decode lint extract replay encode "decode --as-vector" "decode --from raw" "decode --from lines" \
        "decode --from nns" "decode --from xmpp" "extract --from socks5"; do
        # shellcheck disable=SC2086
        "$SPNEGO" $command $input 2>&1
        echo "$?"
    done
done
"$SPNEGO" decode 2>&1 <&-
echo "$?"
