#!/bin/bash
# Our initiator and our acceptor against the SPNEGO of MIT krb5, Heimdal, Samba, Java and .NET.
#
#   make interop                          or, with a library that is built:
#   tests/interop/run.sh LIBSPNEGO.a [WORD]
#
# WORD: those rows of matrix.txt alone that hold it.  CC and CFLAGS build our side.  RIG_LEAKS=1 has the address
# sanitizer look for leaks as well: gss-ntlmssp and Heimdal have such, MIT's Kerberos has none.
# RIG_KEEP=1 leaves the private directory, with the tokens and events of each row, for a look.
#
# Everything happens in a private directory and in namespaces of our own: a network that is nothing but
# loopback, and a process tree that dies with us; so any number of runs can go on at once.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
capture=$here/../capture
# shellcheck disable=SC2034 # for peers.sh
root=$here/../..
packages=(
    krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc pkg-config python3
    heimdal-multidev libgssapi3-heimdal
    samba python3-samba samba-dsdb-modules samba-ad-provision
    openjdk-17-jdk-headless
)

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local line="apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends"
    if [ "$(id -u)" -ne 0 ] || [ ! -x "$(command -v apt-get)" ]; then
        echo "needs, as root: $line ${missing[*]}" >&2
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null
    # shellcheck disable=SC2086 # the line is words
    timeout 900 $line "${missing[@]}" >/dev/null
}

# Outside: install, run this script again inside the namespaces, clean up once nothing lives there any more.
if [ -z "${RIG_INSIDE:-}" ]; then
    [ -f "${1:-}" ] || { echo "run.sh: which libspnego.a? (make interop knows)" >&2; exit 2; }
    install_packages
    rig=$(mktemp -d)
    trap 'if [ -n "${RIG_KEEP:-}" ]; then echo "kept: $rig"; else rm -rf "$rig"; fi' EXIT
    user=()
    [ "$(id -u)" -eq 0 ] || user=(--user --map-root-user)
    unshare "${user[@]}" --net --uts --mount --pid --fork --kill-child --mount-proc \
        env -i PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8 RIG_INSIDE="$rig" \
        ASAN_OPTIONS=detect_leaks="${RIG_LEAKS:-0}" CC="${CC:-cc}" CFLAGS="${CFLAGS:--O2 -g}" \
        "$here/run.sh" "$(realpath "$1")" "${@:2}" || exit 1
    exit 0
fi

# shellcheck disable=SC2034 # for peers.sh
library=$1 rig=$RIG_INSIDE
shift
mkdir "$rig/logs"
# shellcheck disable=SC2034 # realm.sh adds to it; who is in it ends with the namespace
started=()
export HOME="$rig" TMPDIR="$rig" PYTHONDONTWRITEBYTECODE=1

hostname rigsrv
ip link set lo up
printf '127.0.0.1 %s\n' localhost rigsrv srv.rig.test svc.rig.test rigsrv.rig.test >"$rig/hosts"
mount --bind "$rig/hosts" /etc/hosts

# shellcheck source=../capture/realm.sh
. "$capture/realm.sh"
# shellcheck source=peers.sh
. "$here/peers.sh"
realm_start >"$rig/realm.log" 2>&1 || { echo "run.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }
peers_start >"$rig/peers.txt"
/usr/bin/python3 "$here/matrix.py" "$here/matrix.txt" "$rig/peers.txt" "$rig/logs" "$@"
