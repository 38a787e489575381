#!/bin/sh
# Each carrier against real peers, and at the end what came of it, a line each:
#
#   make interop-carriers
#
# SOCKS 5 is tried with what is there: Dante, which `make interop-socks5` builds first, takes minutes.
set -u
cd "$(dirname "$0")/../.." || exit 1
log=build/interop-carriers
mkdir -p "$log"
status=0
table=
for carrier in nns http sasl socks5; do
    case $carrier in
    socks5)
        # shellcheck disable=SC2046 # the folder, if it is there
        tests/interop/socks5.sh build/libspnego.a $(ls -d build/dante 2>/dev/null) >"$log/$carrier" 2>&1
        ;;
    *) make --no-print-directory -s "interop-$carrier" >"$log/$carrier" 2>&1 ;;
    esac || status=1
    grep -E '^(FAIL|not run)' "$log/$carrier"
    table="$table$(printf '%-8s %s, %s of them gaps of the peer' "$carrier" "$(tail -n 1 "$log/$carrier")" \
        "$(grep -c '^gap' "$log/$carrier")")
"
done
printf '%s' "$table"
exit $status
