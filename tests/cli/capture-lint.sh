# What only the exchange shows, at the frame that breaks the rule, each negotiation by itself.
talk="python3 -B $(dirname "$0")/../captures/talk.py"
ask=602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202
first=a1153013a0030a0103a10c060a2b06010401823702020a
late=a1073005a0030a0103
for carrier in http smb2 ldap; do
    $talk a.pcap $carrier I:$ask A:$first I:a1023000 A:$late
    "$SPNEGO" lint a.pcap | grep error
    echo $?
done
# A choice that nobody offered; and again, by a negotiation that asks anew on the same connection.
chosen=a10d300ba0030a0103a10406025304
$talk b.pcap http I:$ask A:$chosen I:$ask A:$chosen
"$SPNEGO" lint b.pcap | grep error
"$SPNEGO" decode --format json b.pcap | grep -c SUPPORTED_MECH_NOT_OFFERED
# Where octets are missing, nothing is said of what may answer them; nor where the beginning is.
$talk c.pcap raw I:$ask A:$first -I:a1073005a0030a0101 A:$late
"$SPNEGO" lint c.pcap 2>&1 | grep -c LATE
$talk c.pcap raw I:$ask A:$first I:a1073005a0030a0101 A:$late
"$SPNEGO" lint c.pcap 2>&1 | grep -c LATE
for init in "-I:00" ""; do
    $talk c.pcap raw $init A:$first
    "$SPNEGO" lint c.pcap 2>&1 | grep -c RESP_BEFORE_INIT
done
# A token in pieces, each fetched by nothing, is one token, in the frame that completes it.
$talk d.pcap http I:60370606 I:2b0601050502a02d302ba019301706092a864886f712010202060a2b06010401823702020aa20e040c582f312f3030303030303031 A:$first
"$SPNEGO" decode --format json d.pcap | sed 's/.*"frame"/"frame"/; s/"time".*"token"/"token"/; s/"offset".*//'
"$SPNEGO" replay d.pcap | tail -n 3
# Each capture counts its exchanges anew.
"$SPNEGO" lint a.pcap a.pcap | grep -c LATE
