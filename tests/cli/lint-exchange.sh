# What only the exchange shows, at the token that breaks the rule: in a conversation that is written
# down, and in a capture, each negotiation by itself.
ask=602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202
late=a1073005a0030a0103
cat >a.txt <<END
# MICs are asked for when it is too late.
I: $ask
A: a1153013a0030a0101a10c060a2b06010401823702020a
I: a1073005a0030a0101
A: $late
END
"$SPNEGO" lint a.txt
echo $?
"$SPNEGO" lint --format json a.txt | sed 's/.*"index"/"index"/; s/"message".*//'
"$SPNEGO" decode a.txt | grep -B3 LATE
# Alone, the same token only names no mechanism.
"$SPNEGO" lint -t $late
echo $?
"$SPNEGO" lint - <<END
A: 30303030
I: $ask
END
echo $?
