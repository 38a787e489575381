# Tokens in pieces: with and without the nothing that fetches each, one that never ends, and what is
# no piece: the same token again, and what took the place of another on its way.
begin=60370606
rest=2b0601050502a02d302ba019301706092a864886f712010202060a2b06010401823702020aa20e040c582f312f3030303030303031
cat >fetched.txt <<END
I: $begin
A:
I: ${rest%3030303031}
A:
I: 3030303031
END
printf 'I: %s\nI: %s\n' $begin $rest >unfetched.txt
printf 'I: %s\nA:\n' $begin >begun.txt
printf 'I: %s\nI: %s\n' $begin a1073005a0030a0101 >again.txt
printf 'tokens\n  1 I> x\n     %s\n  2 I* x\n     %s\n' $begin $rest >replaced.txt
printf 'tokens\n  1 I* x\n     %s\n  2 I> x\n     %s\n' $begin $rest >replacing.txt
for name in fetched unfetched begun again replaced replacing; do
    "$SPNEGO" replay $name.txt
    "$SPNEGO" lint $name.txt
done
# Lines of a log are no conversation because one begins as such a line does.
printf 'A: 10\nAuthorization: Negotiate oQcwBaADCgEC\n' | "$SPNEGO" decode | head -n 1
# What was replaced on its way is shown, but nobody heard it.
init=602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202
late=a1073005a0030a0103
printf 'tokens\n  1 I> x\n     %s\n  2 A> x\n     %s\n  2 A* x\n     %s\n' $init $late a1073005a0030a0102 >way.txt
"$SPNEGO" lint way.txt
