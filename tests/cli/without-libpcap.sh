# Built without libpcap, the command says what it cannot do, and reads all else.
plain=$SPNEGO-plain
[ -x "$plain" ] || plain=$SPNEGO
printf '\324\303\262\241\002\000\004\000' >a.pcap
for command in decode extract replay; do
    "$plain" $command a.pcap 2>&1
    echo $?
done
"$plain" lint --from nns a.pcap >/dev/null 2>&1
echo $?
"$plain" extract -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
