# Forms that are not built in yet.
for form in pcap nns socks5 xmpp; do
    "$SPNEGO" decode --from $form </dev/null 2>&1
    echo $?
done
