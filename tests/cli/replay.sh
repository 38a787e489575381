# A conversation as lines: who sent what, what is wrong with it, and the verdict.
cat >a.txt <<'END'
# Kerberos first, NTLM chosen, and nobody asks for a MIC.
I: 60 37 06 06 2b 06 01 05 05 02 a0 2d 30 2b a0 19 30 17 06 09 2a 86 48 86 f7 12 01 02 02 06 0a 2b 06 01 04 01 82 37 02 02 0a a2 0e 04 0c 58 2f 31 2f 30 30 30 30 30 30 30 31
A: oRUwE6ADCgEBoQwGCisGAQQBgjcCAgo=
END
"$SPNEGO" replay a.txt
echo $?
"$SPNEGO" replay --format json a.txt
"$SPNEGO" replay -t 'I: a1073005a0030a0101'
echo $?
"$SPNEGO" replay -t 'I: what is this' 2>&1
echo $?
"$SPNEGO" replay -t 'no conversation' 2>&1
echo $?
