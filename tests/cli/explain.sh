# A rule by its name or number.
"$SPNEGO" explain 106
"$SPNEGO" explain der-length-not-minimal | head -n 1
"$SPNEGO" explain 107 NONSENSE 2>&1 >/dev/null
