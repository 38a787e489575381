# A vector made anew: head and comments stay, hex follows the source, the keys count.
cat >vector <<'END'
# A comment.
title    Long lengths
         on two lines
tolerate LONG_LENGTH
as       acceptor

source
  long-form:1 [1] { SEQUENCE { } }   # hand-made

# about the hex
hex
  00

expect
  stale

# the end
END
"$SPNEGO" decode --as-vector vector
