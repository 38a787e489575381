# The hex block of a vector.
"$SPNEGO" decode --format json <<'END'
title    request-mic

source
  [1] { }

hex
  a1 14 30 12 a0 03 0a 01 03 a1 0b 06 09 2a 86 48
  82 f7 12 01 02 02
END
