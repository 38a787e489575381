# An input that is not there; the others are done.
"$SPNEGO" lint not-there - 2>&1 <<END
a182000b30820007a08200030a0100
END
