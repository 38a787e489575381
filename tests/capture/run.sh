#!/bin/bash
# Capture SPNEGO tokens from the implementations this machine can install, one vector file each.
#
#   tests/capture/run.sh [OUTDIR]         default: vectors/captured
#
# RIG_PEERS="mit java" runs those peer_*.sh only (others talk to mit and heimdal, so name these first); RIG_KEEP=1 leaves the private directory for a look.
#
# Everything happens in a private directory and in namespaces of our own: a network that is nothing but
# loopback, a host name (rigsrv) that gives away nothing, and a process tree that dies with us.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
packages=(
    krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc pkg-config openssl
    heimdal-multidev libgssapi3-heimdal
    samba smbclient python3-samba samba-dsdb-modules samba-ad-provision
    apache2 libapache2-mod-auth-gssapi curl chromium
    openjdk-17-jdk-headless
    python3-impacket rclone
    golang-go golang-github-jcmturner-gokrb5.v8-dev
)

# install_packages PACKAGE...: those not there yet; without root it says what to type.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local line="apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends"
    if [ "$(id -u)" -ne 0 ]; then
        echo "not installed, run as root: $line ${missing[*]}" >&2
        return 1
    fi
    # shellcheck disable=SC2086 # the line is words
    DEBIAN_FRONTEND=noninteractive timeout 900 $line "${missing[@]}" >/dev/null 2>&1 || {
        echo "apt-get could not install: ${missing[*]}" >&2
        return 1
    }
}

# Outside: install, then run this script again inside the namespaces.
if [ -z "${RIG_INSIDE:-}" ]; then
    out=${1:-$here/../../vectors/captured}
    mkdir -p "$out"
    out=$(cd "$out" && pwd)
    if ! install_packages "${packages[@]}"; then
        [ "$(id -u)" -eq 0 ] || exit 1
        # One package that cannot be had costs its own peer and no other.
        for package in "${packages[@]}"; do install_packages "$package" || true; done
    fi
    [ -x "$(command -v krb5kdc)" ] || { echo "run.sh: no krb5kdc, so no realm" >&2; exit 1; }
    user=()
    [ "$(id -u)" -eq 0 ] || user=(--user --map-root-user)
    exec unshare "${user[@]}" --net --uts --mount --pid --fork --kill-child --mount-proc \
        env -i PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8 RIG_INSIDE=1 REAL_HOST="$(hostname)" \
        RIG_KEEP="${RIG_KEEP:-}" RIG_PEERS="${RIG_PEERS:-}" "$here/run.sh" "$out"
fi

out=$1
rig=$(mktemp -d)
started=()
stop_started() {
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    # The next peer may want the same port.
    wait "${started[@]}" 2>/dev/null || true
}
trap 'stop_started; [ -n "$RIG_KEEP" ] || rm -rf "$rig"' EXIT
export HOME="$rig" TMPDIR="$rig" PYTHONDONTWRITEBYTECODE=1

hostname rigsrv
ip link set lo up
# A line each: the first name of a line is its canonical one, and some clients ask for a ticket for that.
printf '127.0.0.1 %s\n' localhost rigsrv srv.rig.test svc.rig.test rigsrv.rig.test >"$rig/hosts"
mount --bind "$rig/hosts" /etc/hosts

# shellcheck source=realm.sh
. "$here/realm.sh"
# shellcheck source=record.sh
. "$here/record.sh"

echo "realm"
realm_start >"$rig/realm.log" 2>&1 || { echo "run.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }

for peer in ${RIG_PEERS:-mit heimdal samba smbd java http chromium dotnet gokrb5}; do
    echo "$peer"
    # In the background and waited for, because set -e is ignored inside a condition.
    # shellcheck source=/dev/null
    ( started=() && trap stop_started EXIT && . "$here/peer_$peer.sh" ) 2>"$rig/$peer.err" &
    wait "$!" || echo "  not captured: the rest of $peer: $(tail -n 1 "$rig/$peer.err")"
done
echo "$(find "$out" -name '*.txt' | wc -l) tokens in the folder"
