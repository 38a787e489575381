# What is no source text is refused with its line.
"$SPNEGO" encode -t "SEQUENCE {" 2>&1
"$SPNEGO" encode -t "}" 2>&1
printf "SEQUENCE {\n  NONSENSE\n}\n" | "$SPNEGO" encode 2>&1
"$SPNEGO" encode -t "long-form:1 SEQUENCE { \`$(printf "%0600d" 0)\` }" 2>&1
