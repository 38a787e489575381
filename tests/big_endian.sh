#!/bin/sh
# Runs what `make check-big-endian` built for s390x under qemu: every vector, transcript and exchange
# must give what the command gives here, and every corpus must keep its target's laws.
#
#   tests/big_endian.sh FOLDER SPNEGO
set -u
folder=$1
here=$2
failed=0
big() { # PROGRAM ARGUMENT...
    program=$1
    shift
    qemu-s390x -L /usr/s390x-linux-gnu "$folder/$program" "$@"
}

same() { # ARGUMENT...: of the command
    "$here" "$@" >"$folder/here.out" 2>&1
    big spnego "$@" >"$folder/there.out" 2>&1
    if cmp -s "$folder/here.out" "$folder/there.out"; then
        echo "same: $1 $2, $(wc -l <"$folder/here.out") lines"
    else
        diff -u "$folder/here.out" "$folder/there.out" | cut -c1-200 | head -n 20
        failed=1
    fi
}

tokens='vectors/accept/*.txt vectors/reject/*.txt vectors/captured/*.txt'
for format in text json; do
    # shellcheck disable=SC2086
    same decode --format=$format $tokens
    same replay --format=$format vectors/transcripts/*.txt vectors/exchanges/*.txt
done
for replay in "$folder"/replay-*; do
    case $replay in *[.]* | *"*") continue ;; esac
    target=${replay##*/replay-}
    big "replay-$target" "build/corpus/$target" >"$folder/replay.out" 2>&1 || failed=1
    tail -n 1 "$folder/replay.out"
done
build/example-pair >"$folder/here.out"
big example-pair | cmp - "$folder/here.out" || failed=1
exit $failed
