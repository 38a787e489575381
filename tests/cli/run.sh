#!/bin/sh
# Runs the command against the cases of this directory: NAME.sh, with what it must print beside it
# in NAME.stdout and what it must exit with in NAME.exit.
#
#     tests/cli/run.sh build/spnego [NAME...]
#
# A case runs with $SPNEGO as the command and an empty directory, $TMP, of its own.  The last line
# is "N passed, N failed".
set -u

if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 SPNEGO [NAME...]" >&2
    exit 64
fi
SPNEGO=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export SPNEGO
LC_ALL=C
export LC_ALL
unset NO_COLOR

# Some builds have no libpcap; then a case of captures is named, not run.
captures=yes
if printf '\n\r\r\n' | "$SPNEGO" extract 2>&1 | grep -q 'built without libpcap'; then
    captures=no
fi

passed=0
failed=0
if [ $# -eq 0 ]; then
    for case in "$here"/*.sh; do
        name=$(basename "$case" .sh)
        [ "$name" = run ] || set -- "$@" "$name"
    done
fi
for name; do
    case $name in
    capture-*)
        if [ $captures = no ]; then
            echo "not run, without libpcap: $name"
            continue
        fi
        ;;
    completion-*)
        if ! command -v "${name#completion-}" >/dev/null; then
            echo "not run, without ${name#completion-}: $name"
            continue
        fi
        ;;
    esac
    TMP=$work/tmp
    export TMP
    rm -rf "$TMP"
    mkdir "$TMP"
    (cd "$TMP" && sh "$here/$name.sh") >"$work/stdout" 2>"$work/stderr"
    status=$?
    wanted=$(cat "$here/$name.exit")
    if [ "$status" = "$wanted" ] && cmp -s "$work/stdout" "$here/$name.stdout"; then
        passed=$((passed + 1))
        echo "ok   $name"
    else
        failed=$((failed + 1))
        echo "FAIL $name: exit $status, wanted $wanted"
        diff -u "$here/$name.stdout" "$work/stdout" | sed 's/^/     /'
        sed 's/^/     stderr: /' "$work/stderr"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
