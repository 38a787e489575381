# An include goes down the layers, never up or sideways:  awk -f layers.awk FILE...
BEGIN {
    n = split("base der token nego carrier inspect cli", order, " ")
    for (i = 1; i <= n; i++) rank[order[i]] = i
}
match($0, /^#include "[a-z0-9]+\//) {
    to = substr($0, 11, RLENGTH - 11)
    split(FILENAME, part, "/")
    from = part[2]
    if (to != from && (to in rank) && rank[to] >= rank[from]) {
        print FILENAME ":" FNR ": " from " may not include " to
        bad = 1
    }
}
END { exit bad }
