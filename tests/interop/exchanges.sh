#!/bin/bash
# Records vectors/exchanges/ anew: the matrix, with a library that writes down what our side is told, what it says and
# how its mechanisms are called (exchange_record.c), and then one file for each shape of exchange (exchanges.py).
#
#   tests/interop/exchanges.sh LIBSPNEGO.a FOLDER
#
# As root on Debian, like run.sh.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
kept=
trap 'rm -rf "$work" ${kept:+"$kept"}' EXIT

cp "$1" "$work/libspnego.a"
${CC:-cc} -std=c11 -O2 -g -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$here/../../include" \
    -c -o "$work/exchange_record.o" "$here/exchange_record.c"
ar rc "$work/libspnego.a" "$work/exchange_record.o"

status=0
RIG_KEEP=1 CFLAGS="-O2 -g -Wl,--wrap=spnego_context_create,--wrap=spnego_context_step,--wrap=spnego_sink_write" \
    "$here/run.sh" "$work/libspnego.a" >"$work/run.log" 2>&1 || status=$?
grep " passed, " "$work/run.log" || true
kept=$(sed -n 's/^kept: //p' "$work/run.log")
[ "$status" -eq 0 ] || { tail -n 30 "$work/run.log" >&2; exit 1; }
REAL_HOST=$(uname -n) /usr/bin/python3 "$here/exchanges.py" "$here/matrix.txt" "$kept" "$2"
