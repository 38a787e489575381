#!/bin/sh
# Compares what the inspector reads in Kerberos tokens with what tshark reads, field for field:
#
#   tests/tshark/kerberos.sh BUILD
#
# The tokens are those inside vectors/captured/, the messages of vectors/kdc/, the tokens of the collection beside this repository where
# it is there, and some that kerberos.py makes.  One line; without tshark it says so and succeeds.
set -eu
cd "$(dirname "$0")/../.."
if ! command -v tshark >/dev/null; then
    echo "Kerberos tokens judged by tshark: not run, tshark is not here"
    exit 0
fi
# shellcheck disable=SC2046
exec python3 tests/tshark/kerberos.py "$1/krb5-fields" vectors/captured/*.txt vectors/kdc/*.txt \
    $(ls ../shared/captures/tokens/*.bin 2>/dev/null)
