# Who sent a NegTokenResp, as far as it is known: either side may reject, only one may choose.
for token in a1073005a0030a0100 a1073005a0030a0101 a1073005a0030a0102 a1073005a0030a0103 \
    a1073005a0030a0107 a1133011a10b06092a864886f712010202a2020400; do
    for role in "" "--as initiator" "--as acceptor"; do
        "$SPNEGO" decode $role -t $token 2>/dev/null | sed -n '/^NegTokenResp\|^undec/,$p'
    done
done
