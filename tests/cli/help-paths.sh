# What the help names is there.
top=$(dirname "$0")/../..
for command in decode lint replay extract encode explain; do
    "$SPNEGO" "$command" --help
done | grep -o 'vectors/[a-z0-9/-]*\.txt' | sort -u | while read -r path; do
    [ -e "$top/$path" ] && echo "$path"
done
