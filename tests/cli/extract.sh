# Tokens in any file, written out one a line or one a file.
printf 'junk\240\241\060\140\200 Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==\n' >any.bin
printf '\000\001\241\024\060\022\240\003\012\001\003\241\013\006\011\052\206\110\202\367\022\001\002\002\000' >>any.bin
"$SPNEGO" extract any.bin
"$SPNEGO" extract --to base64 any.bin
mkdir out
"$SPNEGO" extract --to raw -d out any.bin
ls out
od -An -tx1 out/000002.bin
"$SPNEGO" extract --to vector -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
"$SPNEGO" extract --to vector -d out -t oRQwEqADCgEDoQsGCSqGSIL3EgECAg==
"$SPNEGO" decode --as-vector out/000001.txt | cmp - out/000001.txt && echo same
printf 'nothing\001here' | "$SPNEGO" extract 2>&1
echo $?
"$SPNEGO" extract --to json any.bin 2>&1
echo $?
"$SPNEGO" extract -d nowhere any.bin 2>&1
echo $?
