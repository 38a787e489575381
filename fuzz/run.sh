#!/bin/sh
# Runs a fuzz target for a time:  fuzz/run.sh TARGET_BINARY CORPUS SECONDS FLOOR
#
# Fails on a broken law, a crash, a leak, a timeout or too much memory, if the corpus is empty, and
# if fewer than FLOOR edges are reached: a target that stops at the first octet finds nothing
# either.  SECONDS 0 runs the corpus alone, once.  Prints one line; on failure also the end of the
# log, and leaves what libFuzzer found beside the corpus, as CORPUS-crash-*.
set -eu
binary=$1
corpus=$2
seconds=$3
floor=$4
here=$(dirname "$0")
name=$(basename "$binary")
log=$corpus.log

if [ -z "$(ls "$corpus" 2>/dev/null)" ]; then
    echo "$name: failed: the corpus $corpus is empty; fuzz/seed.sh fills it" >&2
    exit 1
fi
case $seconds in
0) limit=-runs=0 ;;
*) limit=-max_total_time=$seconds ;;
esac

# Text takes several passes for each octet that it stands for.
case $name in
*input) max_len=2048 ;;
*ntlm | *negoex) max_len=1024 ;;
*) max_len=4096 ;;
esac

status=0
"$binary" "$limit" -max_len=$max_len -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -dict="$here/spnego.dict" -artifact_prefix="$corpus-" "$corpus" >"$log" 2>&1 || status=$?

edges=$(sed -n 's/^#[0-9]*.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    echo "$name: failed: status $status, ${runs:-?} runs, log in $log" >&2
    exit 1
fi
if [ "${edges:-0}" -lt "$floor" ]; then
    echo "$name: failed: reached ${edges:-0} edges, the floor is $floor" >&2
    exit 1
fi
echo "$name: passed: ${runs:-?} runs, $edges edges, floor $floor, $(ls "$corpus" | wc -l) files"
