#!/bin/sh
# Runs everything that `make check` built and ends with "N passed, N failed".
#
#   tests/check.sh BUILD [TEST...]
#
# TEST is the name of a Criterion program, BUILD/test-NAME.  What needs more than is here says what
# it would have checked; nothing is left out silently.
set -u
build=$1
shift
passed=0
failed=0

count() { # PASSED FAILED WHAT
    passed=$((passed + $1))
    failed=$((failed + $2))
    printf '%-34s %6d passed, %d failed\n' "$3" "$1" "$2"
}

check() { # WHAT COMMAND...: one check
    what=$1
    shift
    if "$@" >"$build/check.log" 2>&1; then
        count 1 0 "$what"
    else
        tail -n 30 "$build/check.log"
        count 0 1 "$what"
    fi
}

# A program that dies before its closing line, or runs nothing, has failed.
# Criterion's own process leaks a little at its end, and its children never report leaks; the command
# and the corpora, below, run with leak detection on.
criterion() {
    ASAN_OPTIONS=detect_leaks=0 "$build/test-$1" --timeout 300 >"$build/test-$1.log" 2>&1
    status=$?
    line=$(sed 's/\x1b\[[0-9;]*m//g' "$build/test-$1.log" |
        sed -n 's/.*Tested: \([0-9]*\) | Passing: \([0-9]*\) | Failing: \([0-9]*\) | Crashing: \([0-9]*\).*/\1 \2 \3 \4/p')
    # shellcheck disable=SC2086
    set -- "$1" ${line:-0 0 1 0}
    if [ $status -ne 0 ] && [ $(($4 + $5)) -eq 0 ] || [ "$2" -eq 0 ]; then
        set -- "$1" 1 0 1 0
    fi
    [ $(($4 + $5)) -eq 0 ] || cat "$build/test-$1.log"
    count "$3" $(($4 + $5)) "test-$1"
}

for test in "$@"; do
    criterion "$test"
done

# Each vector is what the command makes of it: hex from source, expectation from hex.
good=0
bad=0
for file in vectors/accept/*.txt vectors/reject/*.txt vectors/captured/*.txt vectors/kdc/*.txt; do
    if "$build/spnego" decode --as-vector "$file" | diff -u "$file" - >"$build/check.log" 2>&1; then
        good=$((good + 1))
    else
        head -n 20 "$build/check.log"
        bad=$((bad + 1))
    fi
done
count $good $bad "vectors, source to expectation"

line=$(tests/cli/run.sh "$build/spnego" 2>&1 | tee "$build/cli.log" | tail -n 1)
# shellcheck disable=SC2046
set -- $(echo "$line" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
[ "${2:-1}" = 0 ] || grep -v '^ok' "$build/cli.log"
count "${1:-0}" "${2:-1}" "command line"

# A variant's flags would be asked of the program too that uses what is installed.
[ "$build" != build ] || check "install and uninstall" tests/install.sh

for replay in "$build"/replay-*; do
    case $replay in *[.]* | *"*") continue ;; esac
    target=${replay##*/replay-}
    line=$("$replay" "build/corpus/$target" 2>&1 | tee "$build/replay.log" | tail -n 1)
    # shellcheck disable=SC2046
    set -- $(echo "$line" | sed -n "s/.*: \([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p")
    [ "${2:-1}" = 0 ] || tail -n 30 "$build/replay.log"
    count "${1:-0}" "${2:-1}" "corpus through fuzz_$target"
done

# Conversations, judged from their tokens alone.
line=$(python3 -B tests/replay_verdicts.py "$build/spnego" vectors/transcripts vectors/exchanges |
    tee "$build/verdicts.log" | tail -n 1)
# shellcheck disable=SC2046
set -- $(echo "$line" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
[ "${2:-1}" = 0 ] || cat "$build/verdicts.log"
count "${1:-0}" "${2:-1}" "verdicts of replay"

# The same, judged token by token.
line=$(python3 -B tests/lint_exchanges.py "$build/spnego" vectors/transcripts/*.txt \
    vectors/exchanges/*.txt | tee "$build/lint.log" | tail -n 1)
# shellcheck disable=SC2046
set -- $(echo "$line" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
[ "${2:-1}" = 0 ] || cat "$build/lint.log"
count "${1:-0}" "${2:-1}" "lint against replay"

tests/captures/check.sh "$build/spnego" >"$build/captures.log" 2>&1
# shellcheck disable=SC2046
set -- $(tail -n 1 "$build/captures.log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
[ "${2:-1}" = 0 ] || cat "$build/captures.log"
count "${1:-0}" "${2:-1}" "exchanges found in captures"

# Tokens and expected decodes of other implementations, where that collection stands beside us.
captures=../shared/captures
if [ -f $captures/judge.py ]; then
    line=$(python3 $captures/judge.py "$build/spnego" $captures/manifest.tsv $captures |
        tee "$build/judge.log" | tail -n 1)
    # shellcheck disable=SC2046
    set -- $(echo "$line" | sed -n 's/^\([0-9]*\) agree of \([0-9]*\)$/\1 \2/p')
    [ "${1:-0}" = "${2:-1}" ] || cat "$build/judge.log"
    count "${1:-0}" $((${2:-1} - ${1:-0})) "tokens judged against their decode"
else
    echo "tokens judged against their decode:  not run, the collection is not here"
fi

# Field by field what tshark says, where it is installed.
for kind in ntlm_negoex; do
    tests/tshark/$kind.sh "$build/spnego" >"$build/tshark.log" 2>&1
    line=$(tail -n 1 "$build/tshark.log")
    # shellcheck disable=SC2046
    set -- $(echo "$line" | sed -n 's/^\([0-9]*\) agree of \([0-9]*\) fields.*/\1 \2/p')
    if [ $# -eq 2 ] || [ "${line%not run*}" = "$line" ]; then
        [ "${1:-0}" = "${2:-1}" ] || cat "$build/tshark.log"
        count "${1:-0}" $((${2:-1} - ${1:-0})) "fields beside tshark, $kind"
    else
        echo "$line"
    fi
done

# With AES from Debian's python3-cryptography, which `make interop` installs.
mics=tests/interop/mics_offline.py
if /usr/bin/python3 -c 'import cryptography' 2>/dev/null; then
    line=$(/usr/bin/python3 $mics vectors/exchanges 2>&1 | tee "$build/mics.log" | tail -n 1)
    # shellcheck disable=SC2046
    set -- $(echo "$line" | sed -n 's/^\([0-9]*\) of .*; \([0-9]*\) wrong$/\1 \2/p')
    [ "${2:-1}" = 0 ] || cat "$build/mics.log"
    count "${1:-0}" "${2:-1}" "MICs of exchanges, by password"
    echo "  $line"
else
    echo "MICs of exchanges, by password:  not run, python3-cryptography is not here"
fi

# What tshark makes of the Kerberos tokens, where tshark is here.
if command -v tshark >/dev/null; then
    line=$(tests/tshark/kerberos.sh "$build" 2>&1 | tee "$build/tshark.log" | tail -n 1)
    # shellcheck disable=SC2046
    set -- $(echo "$line" | sed -n 's/^\([0-9]*\) agree of \([0-9]*\), .*$/\1 \2/p')
    [ "${1:-0}" = "${2:-1}" ] || cat "$build/tshark.log"
    count "${1:-0}" $((${2:-1} - ${1:-0})) "Kerberos tokens judged by tshark"
else
    echo "Kerberos tokens judged by tshark:  not run, tshark is not here"
fi

# That every requirement is shown, where the catalogue of them stands beside us.
if [ -f ../shared/spec/requirements.md ]; then
    check "requirements and their tests" tests/requirements_without_test.py
else
    echo "requirements and their tests:  not run, the catalogue is not here"
fi

check "demo" make --no-print-directory demo
check "examples" make --no-print-directory examples
check "rules and their vectors" tests/rules_without_vector.sh
check "state changes and their transcripts" tests/transitions.sh
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
