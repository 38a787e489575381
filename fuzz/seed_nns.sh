# Seeds of the targets of MS-NNS, for fuzz/seed.sh: eight octets of settings, then operations; see
# nns.h and nns.c.
# shellcheck shell=sh disable=SC2154 # what seed.sh has set

nns_sessions() {
    honest=$(octal 0 0 0 0 0 0)
    data="$(octal 5 4 0 1 2 3 4)$(octal 6 3 0 7 8 9)$(octal 0)"
    for script in 0 1 2 3 8 9 10 16 18 34 50; do
        for levels in 0 1 2 4 5 6 8 9 10; do
            for flags in 0 1 3 15; do
                talk "$(octal $levels 0 0 $flags $script 0 0 0)$honest$data$(octal 7)"
            done
        done
    done
    for lie in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        for at in 0 1 2; do
            talk "$(octal 2 2 0 3 2 $lie $at 0)$honest$data"
            talk "$(octal 0 0 0 0 2 $lie $at 0)$honest$data"
        done
    done
    for allocation in 1 2 3 4 5 6 7 8; do
        talk "$(octal 2 2 0 3 2 0 0 $allocation)$honest$data"
    done
    for options in 1 2 4 8 16 31; do
        talk "$(octal 6 1 $options 3 2 0 0 0)$honest$data"
    done
    for side in "$(octal 2 2 0 3 2 0 0 0)" "$(octal 0 0 0 0 2 0 0 0)" "$(octal 1 0 0 1 2 0 0 0)"; do
        for at in 0 3 4 9 20 40; do
            talk "$side$(octal 2 $at 3)$honest"
            talk "$side$(octal 0 2 $at 3)$honest"
            talk "$side$honest$(octal 6 3 0 7 8 9 2 $at 3)"
        done
        for end in 7 8 9; do
            talk "$side$(octal $end 0 0)"
            talk "$side$honest$(octal $end 5 1 0 1 7)"
            talk "$side$(octal 0 3 4 $end 0)"
        done
        # What the vectors have from the peer in hexadecimal: at the beginning, and as data.
        for hex in $(sed -n 's/^  < \([0-9a-f ]*\)$/\1/p' "$vectors"/carriers/nns-*.txt | tr -d ' ' | sort -u); do
            # shellcheck disable=SC2046 # numbers
            escapes=$(octal 4 $((${#hex} / 2)) 0 $(echo "$hex" | sed 's/../0x& /g'))
            talk "$side$escapes$honest"
            talk "$side$honest$escapes"
        done
    done
}

nns_sessions
