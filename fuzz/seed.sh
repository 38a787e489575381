#!/bin/sh
# Fills a fuzz target's corpus:  fuzz/seed.sh TARGET FOLDER
#
# from the `hex` blocks of vectors/*/*.txt, from fuzz/corpus/TARGET/minimised/ and from
# fuzz/regressions/TARGET/.  TARGET is the name after fuzz_ and without .c.  Names of files are the
# hashes of their contents, so that the same seed comes once.
set -eu
target=$1
folder=$2
here=$(dirname "$0")
vectors=${SPNEGO_VECTORS:-$here/../vectors}
mkdir -p "$folder"
seed=$folder/.seed

keep() {
    mv "$seed" "$folder/$(sha1sum <"$seed" | cut -c1-40)"
}

# The octets of each hex block of a vector, one line of printf's octal escapes a block.
blocks() {
    awk '
    function value(c) { return index("0123456789abcdef", tolower(c)) - 1 }
    function done_() { if (inside && out != "") print out; inside = 0; out = "" }
    inside && /^[ \t]/ {
        sub(/#.*/, "")
        gsub(/[ \t\r]/, "")
        for (i = 1; i < length($0); i += 2)
            out = out sprintf("\\0%03o", value(substr($0, i, 1)) * 16 + value(substr($0, i + 1, 1)))
        next
    }
    /^#/ { next }
    { done_(); if ($0 ~ /^hex[ \t\r]*$/) inside = 1 }
    END { done_() }' "$1"
}

for file in "$vectors"/accept/*.txt "$vectors"/reject/*.txt "$vectors"/captured/*.txt; do
    [ -e "$file" ] || continue
    blocks "$file" | while read -r escapes; do
        case $target in
        decode) # two octets of tolerances before the token: none, those of real peers, all
            for tolerate in '\0000\0000' '\0077\0000' '\0377\0007'; do
                printf %b "$tolerate$escapes" >"$seed"
                keep
            done
            ;;
        *)
            printf %b "$escapes" >"$seed"
            keep
            ;;
        esac
    done
    if [ "$target" = input ]; then
        cp "$file" "$seed"
        keep
    fi
done
for file in "$here/corpus/$target/minimised"/* "$here/regressions/$target"/*; do
    [ -e "$file" ] || continue
    cp "$file" "$seed"
    keep
done
