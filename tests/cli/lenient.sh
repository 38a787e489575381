# Departures are tolerated and reported, all of them.
"$SPNEGO" decode --format json -t a182000b30820007a08200030a0100
