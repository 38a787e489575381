# Of a capture's addresses only which are the same is shown; whole tokens are not written out so.
talk="python3 -B $(dirname "$0")/../captures/talk.py"
init=602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202
$talk a.pcap http I:$init A:a1073005a0030a0102 I:$init
"$SPNEGO" decode --redact a.pcap | grep -B 1 host-
"$SPNEGO" decode --redact --format json a.pcap | sed 's/.*"flow"/"flow"/; s/,"verdict.*//'
"$SPNEGO" lint --redact --format json a.pcap | sed 's/.*"flow"/"flow"/; s/,"verdict.*//'
"$SPNEGO" replay --redact a.pcap | grep -B 1 host-
"$SPNEGO" replay --redact --format json a.pcap | sed 's/.*"flow"/"flow"/; s/,"tokens.*//'
"$SPNEGO" extract --redact a.pcap 2>&1
echo $?
# A length that is not true takes a realm into an OID.
"$SPNEGO" decode --redact -t 602006165249472e544553545249472e544553545249472e54455354a1063004a0020a00
echo $?
"$SPNEGO" decode --redact --format json -t 602006165249472e544553545249472e544553545249472e54455354a1063004a0020a00
# ... or a name into flags.
"$SPNEGO" decode --redact -t 6e1e301ca003020105a10302010ea210030e005245414c4d2e4558414d504c45 | grep bits
"$SPNEGO" decode --redact --format json -t 6e1e301ca003020105a10302010ea210030e005245414c4d2e4558414d504c45 | grep -c 5245414c4d
"$SPNEGO" decode --format json -t 6e1e301ca003020105a10302010ea210030e005245414c4d2e4558414d504c45 | grep -c 5245414c4d
