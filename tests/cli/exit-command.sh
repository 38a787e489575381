# A command that is not there, or not yet.
"$SPNEGO" 2>&1
echo $?
"$SPNEGO" parse 2>&1
echo $?
"$SPNEGO" replay x 2>&1
echo $?
"$SPNEGO" extract x 2>&1
