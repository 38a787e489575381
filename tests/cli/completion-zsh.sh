# What zsh offers for the last word of a line: a shell in a terminal of its own, and its Tab key.
folder=$(cd "$(dirname "$0")/../.." && pwd)/src/cli
mkdir -p out dir/sub bin
ln -s "$SPNEGO" bin/spnego
: >token.bin
: >token.hex
cat >child <<'END'
PATH=$PWD/bin:$PATH
fpath=($FOLDER $fpath)
autoload -Uz compinit
compinit -u -D
zstyle ':completion:*' insert-tab false
zstyle ':completion:*' list false
compadd() {
    local -a hits
    if [[ " ${@[1,(i)(-|--)]}" != *\ -[OAD]* ]]; then
        builtin compadd -O hits "$@"
        print -rl -- $hits >>hits
    fi
    builtin compadd "$@"
}
bindkey '^I' list-choices
# The editor writes it once it reads keys; before, the terminal would take Tab and ^U for itself.
PROMPT='reads-keys '
END
cat >run <<'END'
zmodload zsh/zpty
zpty shell "PROMPT= FOLDER=$1 zsh -f -i"
zpty -w shell '. ./child'
zpty -r shell answer '*reads-keys *'
number=0
offered() { # LINE
    : >hits
    (( number++ ))
    zpty -w -n shell "$1"$'\t'
    zpty -w -n shell $'\C-u'
    zpty -w shell "print done-\$(( $number ))"
    zpty -r shell answer "*done-$number*reads-keys *"
    sort -u hits | grep .
}
show() {
    print -r -- "$1: $(offered "spnego $1" | tr '\n' ' ')"
}
show ""
show "-"
for command in decode lint replay extract encode explain; do
    show "$command -"
    offered "spnego $command -" | grep -v -e '^--help$' -e '^--text$' -e '^--directory$' | sort >offered
    "$SPNEGO" $command --help | sed -n 's/^  \(-.*\)/\1/p; s/^usage: *//p; s/^ *spnego explain --list/--list/p' |
        grep -oE -- '(^|[ ,[])--?[a-z][a-z-]*' | tr -d ' ,[' | sort -u >told
    diff offered told
done
show "decode --from "
show "decode --as i"
show "decode --format "
show "lint --format "
show "decode --color a"
show "encode --to "
show "extract --to "
show "extract -d "
show "explain --vectors o"
show "explain XMPP_XML"
show "decode tok"
show "lint dir/"
show "encode token.h"
END
zsh -f run "$folder"
