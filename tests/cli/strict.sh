# The strict profile refuses at the first departure.
"$SPNEGO" lint --strict -t a182000b30820007a08200030a0100
