#!/bin/sh
# What the command says of NTLM and NegoEx beside what tshark says (Debian: tshark):
#
#   tests/tshark/ntlm_negoex.sh SPNEGO
#
# The last line is "N agree of M fields in K tokens"; without tshark one line says so.
set -eu
spnego=$1
here=$(dirname "$0")
root=$here/../..

if ! command -v tshark >/dev/null || ! command -v python3 >/dev/null; then
    echo "NTLM and NegoEx beside tshark: not run, tshark is not here"
    exit 0
fi
# Not those whose damage is what they show: tshark stops there, or shows it in another way.
set -- "$root"/vectors/captured/*.txt
for file in "$root"/vectors/accept/*.txt "$root"/../shared/captures/tokens/*.bin; do
    case $file in
    *'*'* | */ntlm-text-*) ;;
    *) set -- "$@" "$file" ;;
    esac
done
python3 "$here/ntlm_negoex.py" "$spnego" "$@"
