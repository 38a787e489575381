# All rules, in the order of their numbers.
"$SPNEGO" explain --list >list
sort -n list | cmp - list && grep -c "^[0-9]* *\(error\|warning\|note\) " list
