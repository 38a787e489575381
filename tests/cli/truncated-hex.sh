# Hexadecimal that was cut inside an octet.
"$SPNEGO" lint -t a1073005a0030a010
"$SPNEGO" lint --from hex -t "a1 07 30 05 a0 03 0a 01 0"
