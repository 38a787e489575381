#!/bin/sh
# Keeps of a corpus what the vectors do not reach:  fuzz/minimise.sh TARGET_BINARY TARGET CORPUS
#
# Rewrites fuzz/corpus/TARGET/minimised/ with the fewest files that reach every edge that CORPUS
# and the present files reach, without those that vectors/ reaches.
set -eu
binary=$1
target=$2
corpus=$3
here=$(dirname "$0")
kept=$here/corpus/$target/minimised
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$kept" "$work/all" "$work/old"
"$here/seed.sh" "$target" "$work/all"
find "$kept" -type f -exec cp {} "$work/old" \;
for file in "$work/old"/*; do
    [ -e "$file" ] && rm -f "$work/all/$(basename "$file")"
done
ls "$work/all" >"$work/vectors"
"$binary" -set_cover_merge=1 -use_counters=0 "$work/all" "$work/old" "$corpus" \
    >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
}
find "$kept" -type f -exec rm -f {} +
for file in "$work/all"/*; do
    grep -qx "$(basename "$file")" "$work/vectors" && continue
    [ "$(wc -c <"$file")" -gt 4096 ] ||
        cp "$file" "$kept/$(sha1sum <"$file" | cut -c1-40)"
done
echo "$target: $(ls "$kept" | wc -l) files, $(du -bs "$kept" | cut -f1) octets"
