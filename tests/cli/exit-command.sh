# A command that is not there.
"$SPNEGO" 2>&1
echo $?
"$SPNEGO" parse 2>&1
echo $?
