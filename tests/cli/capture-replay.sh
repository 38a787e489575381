# Two negotiations on one connection, each with its own verdict.
talk="python3 -B $(dirname "$0")/../captures/talk.py"
init=602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202
$talk a.pcap http I:$init A:a1073005a0030a0102 I:$init A:a1143012a0030a0103a10b06092a864886f712010202
"$SPNEGO" replay a.pcap
echo $?
