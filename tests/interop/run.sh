#!/bin/bash
# Our initiator and our acceptor against the SPNEGO of MIT krb5, Heimdal, Samba, Java and .NET.
#
#   make interop                          or, with a library that is built:
#   tests/interop/run.sh LIBSPNEGO.a [WORD]
#
# WORD: those rows of matrix.txt alone that hold it.  CC and CFLAGS build our side.  RIG_LEAKS=1 has the address
# sanitizer look for leaks as well: gss-ntlmssp and Heimdal have such, MIT's Kerberos has none.
# RIG_KEEP=1 leaves the private directory, with the tokens and events of each row, for a look.
# RESULTS=FILE takes what page.py makes a table of.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
capture=$here/../capture
# shellcheck disable=SC2034 # for peers.sh
root=$here/../..
packages=(
    krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc pkg-config python3 python3-cryptography
    heimdal-multidev libgssapi3-heimdal
    samba smbclient python3-samba samba-dsdb-modules samba-ad-provision
    openjdk-17-jdk-headless
)

# shellcheck source=../capture/rig.sh
. "$capture/rig.sh"

# Outside: install, run this script again inside.
if [ -z "${RIG_INSIDE:-}" ]; then
    [ -f "${1:-}" ] || { echo "run.sh: which libspnego.a? (make interop knows)" >&2; exit 2; }
    install_packages "${packages[@]}"
    enter_rig RESULTS="${RESULTS:-}" ASAN_OPTIONS=detect_leaks="${RIG_LEAKS:-0}" CC="${CC:-cc}" CFLAGS="${CFLAGS:--O2 -g}" \
        "$here/run.sh" "$(realpath "$1")" "${@:2}"
    exit
fi

# shellcheck disable=SC2034 # for peers.sh
library=$1
shift
settle_in
mkdir "$rig/logs"

# shellcheck source=../capture/realm.sh
. "$capture/realm.sh"
# shellcheck source=peers.sh
. "$here/peers.sh"
realm_start >"$rig/realm.log" 2>&1 || { echo "run.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }
peers_start >"$rig/peers.txt"
/usr/bin/python3 "$here/matrix.py" "$here/matrix.txt" "$rig/peers.txt" "$rig/logs" "$@"

# Some rows of a matrix are no matrix.
[ $# -gt 0 ] || results "Our negotiation and that of others" "$(cat "$rig/logs/tally")" "MIT krb5=libgssapi-krb5-2" \
    gss-ntlmssp=gss-ntlmssp Heimdal=libgssapi3-heimdal Samba=samba-libs OpenJDK=openjdk-17-jre-headless \
    ".NET=$(dotnet --list-runtimes 2>/dev/null | sed -n 's/^Microsoft.NETCore.App \([^ ]*\).*/\1/p' | tail -n 1)" \
    <"$rig/logs/cells"
