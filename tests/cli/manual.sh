# Every option of the help is in the man page and in both completions, and none is there that the help lacks.
top=$(dirname "$0")/../..
for command in decode lint replay extract encode explain; do "$SPNEGO" "$command" --help; done |
    grep -oE -- '(^|[ ,[])--?[a-z][a-z-]*' | tr -d ' ,[' | grep -vE '^-(v|u|s|sv|o|k|n|r)$' |
    grep -vE '^--negotiate$' | sort -u >help
sed 's/\\-/-/g' "$top/src/cli/spnego.1" | grep -oE -- '(^|[ "])--?[a-z][a-z-]*' | tr -d ' "' | sort -u >page
while read -r option; do
    case $option in --text | --jobs | -j | -h | --help | --version) continue ;; esac
    grep -qx -- "$option" page || echo "spnego.1 lacks $option"
    grep -q -- "$option" "$top/src/cli/spnego.bash" || echo "spnego.bash lacks $option"
    grep -q -- "$option" "$top/src/cli/_spnego" || echo "_spnego lacks $option"
done <help
for option in $(grep -oE -- '--[a-z-]+' "$top/src/cli/spnego.bash" | sort -u); do
    case $option in --text | --jobs | --directory | --help | --version | --) continue ;; esac
    grep -qx -- "$option" help || echo "the help lacks $option"
done
wc -l <help
