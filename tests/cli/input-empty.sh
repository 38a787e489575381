# Nothing at all, for every command.
: >empty
for command in decode lint extract replay encode "decode --format json" "decode --as-vector" "decode --from lines" \
    "lint --from nns" "lint --from socks5" "lint --from xmpp" "extract --from nns"; do
    # shellcheck disable=SC2086
    "$SPNEGO" $command empty 2>&1 | head -n 2
    # shellcheck disable=SC2086
    "$SPNEGO" $command empty >/dev/null 2>&1
    echo "$?"
done
