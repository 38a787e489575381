# A capture that is compressed, or another program's, is named: nothing is found in it, and that is
# not for want of a token.
printf '\037\213\010\000\000\000\000\000\000\003' >a.pcap.gz
for command in decode lint extract replay; do
    "$SPNEGO" $command a.pcap.gz 2>&1
    echo $?
done
"$SPNEGO" extract - <a.pcap.gz 2>&1
for magic in '\050\265\057\375' '\3757zXZ\000' 'BZh91AY' '\004\042\115\030' 'GMBU' 'snoop\000\000\000'; do
    printf "$magic" >b
    "$SPNEGO" extract b 2>&1
done
echo $?
