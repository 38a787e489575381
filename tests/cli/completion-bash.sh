# What bash offers for the last word of a line.
completion=$(cd "$(dirname "$0")/../.." && pwd)/src/cli/spnego.bash
mkdir -p out dir/sub
: >token.bin
: >token.hex
cat >run <<'END'
. "$1"
complete -p spnego
offered() { # WORD...: as they stand on the line, the last to be completed
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _spnego
    printf '%s\n' "${COMPREPLY[@]}"
}
show() {
    echo "$*: $(offered "$SPNEGO" "$@" | tr '\n' ' ')"
}
show ""
show e
show --v
for command in decode lint replay extract encode explain; do
    show $command -
    # Each of them is one that the command knows and its help tells, and the other way round.
    offered "$SPNEGO" $command - | grep -v -e '^--help$' | sort >offered
    "$SPNEGO" $command --help | sed -n 's/^  \(-.*\)/\1/p; s/^usage: *//p; s/^ *spnego explain --list/--list/p' |
        grep -oE -- '(^|[ ,[])--?[a-z][a-z-]*' | tr -d ' ,[' | sort -u >told
    diff offered told
    while read -r option; do
        "$SPNEGO" $command $option </dev/null 2>&1 | grep "unknown option"
    done <offered
done
show decode --from ""
show decode --from he
show decode --from = he
show decode --from =
show decode --as i
show decode --format ""
show lint --format ""
show replay --format p
show decode --color a
show decode --tolerate UN
show encode --to ""
show extract --to ""
show extract -d ""
show extract -d d
show explain --vectors o
show explain XMPP_XML
show decode tok
show decode -t ""
show decode -j ""
show lint dir/
show encode token.h
END
bash --norc --noprofile run "$completion"
