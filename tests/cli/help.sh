# Every command has its help.
for command in decode lint encode explain replay extract; do
    "$SPNEGO" $command --help >help || echo no help for $command
    [ -s help ] || echo empty help for $command
done
"$SPNEGO" --help | head -n 1
"$SPNEGO" --help | awk "length > 80"
