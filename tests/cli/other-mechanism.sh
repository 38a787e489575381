# The first token of a mechanism that nobody knows.
"$SPNEGO" decode --format json -t 600a06032a0304deadbeef01
