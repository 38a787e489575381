# What is no capture though it was said to be one: libpcap's own sentence, and 66.
: >empty
printf '\324\303\262\241\002\000' >cut
mkfifo in
for command in decode lint extract replay; do
    for input in . empty cut; do
        "$SPNEGO" $command --from pcap $input >/dev/null 2>message
        echo "$? $(wc -l <message)"
    done
    printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\145\000\000\000' >in &
    "$SPNEGO" $command --from pcap in 2>&1 | tail -n 1
    wait
done
