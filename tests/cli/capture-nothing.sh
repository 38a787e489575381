# A capture without a token, one that breaks off, one of another link type.
talk="python3 -B $(dirname "$0")/../captures/talk.py"
$talk a.pcap raw I:00112233 A:44556677
"$SPNEGO" decode --format json a.pcap 2>&1
echo $?
"$SPNEGO" extract a.pcap 2>&1
echo $?
"$SPNEGO" replay a.pcap 2>&1
echo $?
$talk a.pcap http I:a1073005a0030a0102
head -c 300 a.pcap >b.pcap
"$SPNEGO" extract b.pcap 2>&1
echo $?
printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\151\000\000\000' >c.pcap
"$SPNEGO" extract c.pcap 2>&1
echo $?
printf 'not a capture' | "$SPNEGO" extract --from pcap 2>&1
echo $?
