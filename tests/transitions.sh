#!/bin/sh
# Holds the state changes that the transcripts show against those that there are: fails if one is
# shown by no transcript, or if a transcript shows another.
#
# The table is RFC 4178 3.2 and 5: an initiator offers, hears the choice, passes tokens, ends; an
# acceptor chooses, passes tokens, may have to wait for a MIC (5(b)I, 5(c)IV), ends.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sort >"$work/table" <<'END'
initiator start first-reply
initiator start failed
initiator first-reply token
initiator first-reply complete
initiator first-reply failed
initiator token complete
initiator token failed
acceptor init token
acceptor init mic
acceptor init complete
acceptor init failed
acceptor token mic
acceptor token complete
acceptor token failed
acceptor mic complete
acceptor mic failed
END

awk '
FNR == 1 { at["initiator"] = "start"; at["acceptor"] = "init" }
/^  (initiator|acceptor) step=[0-9]+ enters state=/ {
    sub(/.*state=/, "", $4)
    print $1, at[$1], $4
    at[$1] = $4
}' vectors/transcripts/*.txt | sort | uniq -c >"$work/counted"
sed 's/^ *[0-9]* //' "$work/counted" >"$work/shown"

diff "$work/table" "$work/shown" >"$work/out" || {
    sed -n 's/^</no transcript shows:/p; s/^>/no such state change:/p' "$work/out"
    exit 1
}
cat "$work/counted"
