# Source text to octets, wrong lengths on purpose.
"$SPNEGO" encode --to hex -t "[1] { SEQUENCE { [0] { ENUMERATED { 2 } } } }"
"$SPNEGO" encode --to base64 -t "[1] { SEQUENCE { [0] { ENUMERATED { 2 } } } }"
"$SPNEGO" encode --to hex -t "long-form:2 [1] { adjust-length:+1 SEQUENCE { } }"
"$SPNEGO" encode --to hex -t "indefinite SEQUENCE { [0 PRIMITIVE] { \`0a ff\` } [APPLICATION 3] { \"a\\\"\" } }"
"$SPNEGO" encode --to hex -t "OBJECT_IDENTIFIER { 1.2.840.113554.1.2.2 } INTEGER { -129 } INTEGER { 128 } BIT_STRING { \`0162\` } # end"
