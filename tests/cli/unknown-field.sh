# A field that the standards do not define is reported and ignored.
"$SPNEGO" lint -t a10b3009a0030a0100a9020500 | cut -d: -f1-4
