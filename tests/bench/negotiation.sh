#!/bin/sh
# Tells what a negotiation costs besides its mechanism:  tests/bench/negotiation.sh PROGRAM
#
# Instructions as in bench.sh.  Fails if a negotiation with small tokens allocates more than once a
# context.  MIT krb5's figures are quoted, not measured here: its layer over a mechanism of two
# tokens, both sides.
set -eu
program=$1
few=100
many=600

count() { # CASE N
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" once "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : *//p'
}

printf '%-40s%16s%16s%16s%16s\n' "one negotiation, both sides, 2 legs" instructions nanoseconds \
    allocations "octets/context"
for case in $("$program" list); do
    instructions=$((($(count "$case" $many) - $(count "$case" $few)) / (many - few)))
    memory=$("$program" memory "$case")
    printf '%-40s%16s%16s%16s%16s\n' "  $case" $instructions "$("$program" time "$case")" \
        "${memory% *}" "${memory#* }"
    [ "${memory% *}" -le 2 ] || { echo "negotiation.sh: $case allocates too often" >&2; exit 1; }
done
printf '%-40s%16s%16s%16s\n' "  MIT krb5 (quoted), first choice" 34639 - 58
printf '%-40s%16s%16s%16s\n' "  MIT krb5 (quoted), request-mic" 52903 - 88
