# What a client and its KDC say to each other is no token, but it is read, in each form that people
# have it in, and said to be that.
reply=6d61305fa003020105a10302010da3031b0152a40e300ca003020101a10530031b0163a52e612c302aa003020105
reply=${reply}a1031b0152a20e300ca003020102a10530031b0173a30e300ca003020112a2050403c0ffeea60e300c
reply=${reply}a003020112a2050403c0ffee
bytes() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
"$SPNEGO" decode -t $reply
echo $reply | bytes >raw
base64 -w 40 raw >base64
od -A x -t x1z raw >dump
head -c 60 raw >cut
for form in raw base64 dump cut; do
    "$SPNEGO" decode --format json $form | grep -o '"encoding":"[a-z0-9]*"\|"verdict":"[a-z]*"\|"type":"KRB_[A-Z_]*"' |
        tr '\n' ' '
    echo
done
# A message of another version, and text that begins with the same letter.
"$SPNEGO" decode -t 6d0930073005a003020104 >/dev/null 2>&1 || echo "refused: $?"
"$SPNEGO" decode -t "m0nkey business" >/dev/null 2>&1 || echo "refused: $?"
