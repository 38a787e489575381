# What is missing in a stream is said, and what comes after it is found.
talk="python3 -B $(dirname "$0")/../captures/talk.py"
$talk a.pcap raw I:1601000009a1073005a0030a0101 -I:1601000009 I:1601000009a1073005a0030a0102
"$SPNEGO" extract a.pcap 2>&1
echo $?
