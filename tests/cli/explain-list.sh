# All rules, every row of rules.def, in the order of their numbers.
rows=$(grep -c '^RULE(' "$(dirname "$0")/../../src/base/rules.def")
"$SPNEGO" explain --list >list
sort -n list | cmp - list && [ "$(grep -c '^[0-9]* *\(error\|warning\|note\) ' list)" = "$rows" ] && head -n 1 list
