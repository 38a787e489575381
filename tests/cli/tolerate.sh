# Only what is named is tolerated.
"$SPNEGO" lint --tolerate TRAILING_BYTES -t a182000b30820007a08200030a0100
echo $?
"$SPNEGO" lint --tolerate long_length,TRAILING_BYTES -t a182000b30820007a08200030a0100
