#!/bin/sh
# Lists the rules of src/base/rules.def that no vector names, and fails if there is one that
# vectors/EXCEPTIONS.md does not name either.  A rule that a negotiation raises needs a transcript.
set -eu
cd "$(dirname "$0")/.."
missing=0
need() { # RULE WHAT FILE...
    rule=$1
    what=$2
    shift 2
    grep -qE "^rule +$rule\$" "$@" && return
    grep -q "^| $rule |" vectors/EXCEPTIONS.md && return
    echo "no $what shows $rule"
    missing=$((missing + 1))
}
for row in $(sed -n 's/^RULE(\([0-9]*\), *\([A-Z0-9_]*\),.*/\1:\2/p' src/base/rules.def); do
    name=${row#*:}
    case $row in
    30[1-6]:* | [56]??:*) need "$name" transcript vectors/transcripts/*.txt ;;
    esac
    case $row in
    7??:*) need "$name" carrier vectors/carriers/*.txt ;;
    [56]??:*) ;;
    *) need "$name" vector vectors/accept/*.txt vectors/reject/*.txt ;;
    esac
done
echo "rules without a vector: $missing"
[ $missing -eq 0 ]
