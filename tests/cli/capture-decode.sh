# A capture: what carried each token, where, when, and which belong together.
talk="python3 -B $(dirname "$0")/../captures/talk.py"
$talk a.pcap http I:602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202 A:a1073005a0030a0102
"$SPNEGO" decode --format json a.pcap
echo $?
"$SPNEGO" decode <a.pcap | head -n 4
"$SPNEGO" decode --from pcap - <a.pcap | head -n 2
cat a.pcap | "$SPNEGO" lint /dev/stdin | sed 's/:.*//'
for carrier in smb2 ldap dcerpc nns socks5 xmpp tcp; do
    $talk b.pcap $carrier I:602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202 A:a1073005a0030a0102
    "$SPNEGO" decode --format json b.pcap | sed 's/"encoding.*"carrier"/"carrier"/; s/,"verdict.*//'
done
