#!/bin/sh
# `make interop`, `make interop-gss` and `make interop-carriers` where they can be run; elsewhere one line
# says what they lack.
#
# Each of them has its network, its processes and its files to itself, and ends them.
set -eu
cd "$(dirname "$0")/../.."

not_run() {
    echo "interop: not run: $1"
    exit 0
}

# What a row expects is what the products of that release do.
[ "$(sed -n 's/^ID=//p; s/^VERSION_ID=//p' /etc/os-release 2>/dev/null | sort | paste -sd ' ')" = '"12" debian' ] ||
    not_run "this is not Debian 12"
[ "$(id -u)" -eq 0 ] || not_run "not root, who installs the peers"
unshare --net true 2>/dev/null || not_run "no network namespaces (unshare --net true)"
unshare --uts --mount --pid --fork --mount-proc true 2>/dev/null ||
    not_run "no namespaces of hosts, mounts and processes (unshare --uts --mount --pid --mount-proc)"

make --no-print-directory -s interop interop-gss interop-carriers
