# The vectors that show a rule.
mkdir -p v/reject v/accept
printf "title    x\nrule     DER_TRUNCATED\n\nhex\n  a1\n" >v/reject/b.txt
cp v/reject/b.txt v/a.txt
sed s/DER_TRUNCATED/OID_EMPTY/ v/a.txt >v/accept/c.txt
"$SPNEGO" explain --vectors v 101 | grep shown
# A transcript shows a rule as well.
mkdir -p v/transcripts
printf 'title    x\nrule     MIC_WRONG\n\nconversation\n  I> NegTokenInit\n' >v/transcripts/d.txt
"$SPNEGO" explain --vectors v MIC_WRONG | grep shown
