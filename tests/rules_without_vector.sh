#!/bin/sh
# Lists the rules of src/base/rules.def that no vector names, and fails if there is one that
# vectors/EXCEPTIONS.md does not name either.
set -eu
cd "$(dirname "$0")/.."
missing=0
for rule in $(sed -n 's/^RULE([0-9]*, *\([A-Z0-9_]*\),.*/\1/p' src/base/rules.def); do
    grep -qE "^rule +$rule\$" vectors/accept/*.txt vectors/reject/*.txt && continue
    grep -qw "$rule" vectors/EXCEPTIONS.md && continue
    echo "no vector shows $rule"
    missing=$((missing + 1))
done
echo "rules without a vector: $missing"
[ $missing -eq 0 ]
