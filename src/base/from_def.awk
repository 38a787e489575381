# Writes a public header: copies the template and puts one enumerator per row of a .def file in
# the place of its @RULES@ or @OIDS@ line.
#   awk -f from_def.awk def=FILE TEMPLATE
BEGIN { for (i = 1; i < ARGC; i++) if (sub(/^def=/, "", ARGV[i])) { def = ARGV[i]; ARGV[i] = "" } }
/^@(RULES|OIDS)@$/ {
    while ((getline row < def) > 0) {
        if (row !~ /^(RULE|OID)\(/) continue
        split(row, part, /[(,]/)
        gsub(/ /, "", part[2]); gsub(/ /, "", part[3])
        if (row ~ /^RULE/) rows[++n] = "    SPNEGO_RULE_" part[3] " = " part[2]
        else rows[++n] = "    SPNEGO_OID_" part[2]
    }
    for (i = 1; i <= n; i++) print rows[i] (/RULES/ && i == n ? "" : ",")
    next
}
{ print }
