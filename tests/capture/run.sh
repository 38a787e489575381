#!/bin/bash
# Capture SPNEGO tokens from the implementations this machine can install, one vector file each.
#
#   tests/capture/run.sh [OUTDIR]         default: vectors/captured
#
# RIG_PEERS="mit java" runs those peer_*.sh only (others talk to mit and heimdal, so name these first); RIG_KEEP=1 leaves the private directory for a look.
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

# shellcheck source=rig.sh
. "$here/rig.sh"

# Outside: install, run this script again inside.
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
    enter_rig REAL_HOST="$(hostname)" RIG_PEERS="${RIG_PEERS:-}" "$here/run.sh" "$out"
    exit
fi

out=$1
settle_in

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
