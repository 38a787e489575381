#!/bin/sh
# Captures made of recorded exchanges, and public ones:  tests/captures/check.sh SPNEGO
#
# Every token must be found, with its carrier, its sender and its exchange: segments in order, and out
# of order, cut in other ways, sent twice, across the end of the sequence numbers.  The public captures
# are compared with tshark where both are here.  Last line: "N passed, N failed".
set -u
spnego=$1
here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

add() { # the last line of a check
    # shellcheck disable=SC2046
    set -- $(echo "$1" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    passed=$((passed + ${1:-0}))
    failed=$((failed + ${2:-1}))
}

if printf '\n\r\r\n' | "$spnego" extract 2>&1 | grep -q 'built without libpcap'; then
    echo "not run: built without libpcap"
    echo "1 passed, 0 failed"
    exit 0
fi
for shuffle in '' 1 2; do
    python3 -B "$here/capture_maker.py" "$work/made.pcap" "$here/../../vectors/exchanges" \
        ${shuffle:+--shuffle $shuffle}
    python3 -B "$here/check.py" "$spnego" "$work/made.pcap" >"$work/out"
    cat "$work/out"
    add "$(tail -n 1 "$work/out")"
done
python3 -B "$here/dump.py" "$spnego" "$here/../../vectors/exchanges" >"$work/out"
cat "$work/out"
add "$(tail -n 1 "$work/out")"
python3 -B "$here/shapes.py" "$spnego" >"$work/out"
cat "$work/out"
add "$(tail -n 1 "$work/out")"
if command -v tshark >/dev/null; then
    mkdir "$work/shapes" && python3 -B "$here/shapes.py" --write "$work/shapes"
    python3 -B "$here/tshark.py" "$spnego" "$work"/shapes/fragments-ipv[46].pcap \
        "$work"/shapes/fragments-ipv[46]-backward.pcap "$work"/shapes/fragments-ipv[46]-dns.pcap >"$work/out"
    cat "$work/out"
    add "$(tail -n 1 "$work/out")"
fi
captures=$here/../../../shared/captures/pcaps
# A few connections show as much as all.
mkdir "$work/few" && cp "$here"/../../vectors/exchanges/our-*.txt "$work/few"
python3 -B "$here/capture_maker.py" "$work/few.pcap" "$work/few"
python3 -B "$here/redact.py" "$spnego" "$here/../../vectors" "$work/few.pcap" \
    $(ls "$captures"/*.pcap* 2>/dev/null) >"$work/out"
cat "$work/out"
add "$(tail -n 1 "$work/out")"
if command -v tshark >/dev/null && [ -d "$captures" ]; then
    python3 -B "$here/tshark.py" "$spnego" "$captures"/*.pcap* >"$work/out"
    cat "$work/out"
    add "$(tail -n 1 "$work/out")"
else
    echo "public captures beside tshark: not run, they or tshark are not here"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
