#!/bin/bash
# curl --negotiate and Apache's mod_auth_gssapi as Debian has them, with our negotiation in one of them or both.
#
#   sudo tests/interop/gss/demo.sh       about ten seconds; needs the packages named below
#
# The realm, the servers and the tap on the wire are those of tests/capture; so are the namespaces.
# RIG_KEEP=1 leaves the private directory for a look.  Ends with "N passed, M failed".
set -eu

self=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$self/../../.." && pwd)
packages="krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp apache2 libapache2-mod-auth-gssapi curl python3 gcc make"

# Outside: build the library, then run this script again where the network is loopback only, the host has a
# name that gives nothing away, and every process dies with us.
if [ -z "${RIG_INSIDE:-}" ]; then
    # shellcheck disable=SC2086 # the list is words
    if [ "$(id -u)" -ne 0 ] || ! dpkg-query -W $packages >/dev/null 2>&1; then
        echo "run as root, after: apt-get install --no-install-recommends $packages" >&2
        exit 1
    fi
    make -s -C "$top" build/libspnego.a
    exec unshare --net --uts --mount --pid --fork --kill-child --mount-proc \
        env -i PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8 RIG_INSIDE=1 RIG_KEEP="${RIG_KEEP:-}" "$self/demo.sh"
fi

# What the files of tests/capture expect of whoever sources them.
here=$top/tests/capture
rig=$(mktemp -d)
started=()
stop_started() {
    kill "${started[@]}" 2>/dev/null || true
    wait "${started[@]}" 2>/dev/null || true
}
trap 'stop_started; [ -n "$RIG_KEEP" ] || rm -rf "$rig"' EXIT
export HOME="$rig" TMPDIR="$rig" PYTHONDONTWRITEBYTECODE=1
hostname rigsrv
ip link set lo up
printf '127.0.0.1 %s\n' localhost rigsrv srv.rig.test >"$rig/hosts"
mount --bind "$rig/hosts" /etc/hosts
# shellcheck source=../../capture/realm.sh
. "$here/realm.sh"
# shellcheck source=../../capture/record.sh
. "$here/record.sh"

# ---- The module ---------------------------------------------------------------------------------

# What of it the linker would leave to others stays inside: the library's names and the mechanism's.
cc -std=c11 -O2 -g -Wall -Wextra -fPIC -fvisibility=hidden -shared -Wl,--exclude-libs,ALL -Wl,-z,defs \
    -I"$top/include" -o "$rig/spnego_gss.so" "$self/spnego_gss.c" "$self/../mech_gss.c" "$top/build/libspnego.a" -lgssapi_krb5
{
    cat /etc/gss/mech.d/mech.ntlmssp.conf
    echo "spnego 1.3.6.1.4.1.32473.3 $rig/spnego_gss.so <interposer>"
} >"$rig/mech.conf"

# Whose SPNEGO a program gets is one variable in its environment.
declare -A environment=([MIT]="" [ours]="GSS_MECH_CONFIG=$rig/mech.conf")
for program in curl apache; do
    # Apache's workers are another user.
    install -m 666 /dev/null "$rig/$program.events"
done

# ---- One request --------------------------------------------------------------------------------

# A file, as each Apache has a subshell of its own.
verdict() {
    echo "$1" >>"$rig/verdicts"
    echo "  $1: $2"
}

expect() { # WHAT WANTED SEEN
    if [ "$2" = "$3" ]; then verdict ok "$1: $2"; else verdict FAILED "$1: expected '$2', got '$3'"; fi
}

# sizes initiator|acceptor EVENTS: of the tokens that side sent and took, by its own account, in order.
sizes() {
    local first='in' second='out'
    [ "$1" = acceptor ] || { first='out' second='in'; }
    sed -nE "s/.* done in=([0-9]+) out=([0-9]+) .*/in=\1 out=\2/p" "$2" |
        tr ' ' '\n' | grep -v '=0$' | sed -E "s/^$first=/init /; s/^$second=/accept /"
}

# The same, by the account of the tap on the wire.
tapped() {
    local file
    for file in $(find "$exchange_dir" -name '*.init' -o -name '*.accept' | sort -V); do
        echo "${file##*.} $(stat -c %s "$file")"
    done
}

# request NAME STATUS USER MECH [environment=value ...] [-- curl options]
request() {
    local name=$1 status=$2 user=$3 mech=$4 variables=() seen
    shift 4
    while [ $# -gt 0 ] && [ "$1" != -- ]; do variables+=("$1") && shift; done
    shift || true
    echo
    echo "curl: $curl_side, Apache: $apache_side: $name"
    tap "$curl_side-$apache_side-${name// /-}" http 18080 curl apache
    truncate -s 0 "$rig/curl.events" "$rig/apache.events"
    local command=(curl --negotiate -u : "$@" "http://srv.rig.test:$tap_port/index.html")
    echo "  \$ ${environment[$curl_side]:+GSS_MECH_CONFIG=mech.conf }${command[*]}"
    # shellcheck disable=SC2086 # nothing, or a variable
    seen=$(env SPNEGO_GSS_EVENTS="$rig/curl.events" ${environment[$curl_side]} "${variables[@]}" \
        timeout 20 "${command[@]}" -s -o /dev/null -D "$rig/headers" -w '%{http_code}') || true
    # The line of each step, and why it failed.
    grep -hvE ' (token-in|token-out|enters|mech-[a-z]+|quirk|mic-[a-z]+)\b' "$rig/curl.events" "$rig/apache.events" | sed 's/^/    /' || true
    expect "HTTP status" "$status" "$seen"
    expect "user" "$user" "$(sed -n 's/^X-User: \(.*\)\r$/\1/p' "$rig/headers" | tail -n 1)"
    account initiator "$curl_side" "$rig/curl.events" "$status" "$mech"
    account acceptor "$apache_side" "$rig/apache.events" "$status" "$mech"
}

# account ROLE SIDE EVENTS STATUS MECH: was it our negotiation, and what did it come to?
account() {
    local role=$1 events=$3
    if [ "$2" = MIT ]; then
        expect "$role's events" 0 "$(grep -c . "$events" || true)"
        return
    fi
    expect "$role's tokens are those on the wire" "$(tapped | tr '\n' ' ')" "$(sizes "$role" "$events" | tr '\n' ' ')"
    if [ "$4" != 200 ]; then
        expect "$role never complete" 0 "$(grep -c 'status=COMPLETE' "$events" || true)"
        return
    fi
    expect "$role's mechanism" "$5" "$(sed -nE 's/^[a-z]+ step=.* status=COMPLETE state=complete mech=//p' "$events")"
    # With NTLM that has a MIC of its own (MS-SPNG 3.3.5.1), and not for Kerberos as first choice (RFC 4178 5).
    local mics="" 
    [ "$5" = krb5 ] || mics="1 1"
    expect "$role's mechListMICs sent and verified" "$mics" \
        "$(grep -q mic- "$events" && echo "$(grep -c mic-sent "$events") $(grep -c mic-verified "$events")")"
}

# ---- Four pairs ---------------------------------------------------------------------------------

requests() {
    local no_ticket=(KRB5CCNAME="FILE:$rig/no-ccache") delegated=$rig/delegated
    request "Kerberos" 200 user@RIG.TEST krb5
    rm -f "$delegated"/*
    request "Kerberos, delegated" 200 user@RIG.TEST krb5 -- --delegation always
    expect "delegated" "user@RIG.TEST" "$(klist -c "FILE:$(find "$delegated" -type f | head -n 1)" 2>/dev/null | sed -n 's/^Default principal: //p')"
    request "NTLM" 200 "RIGDOM\\$ntlm_user" ntlmssp "${no_ticket[@]}"
    request "NTLM, wrong password" 401 "" "" "${no_ticket[@]}" NTLM_USER_FILE="$rig/wrong-users"
    request "no credential" 401 "" "" "${no_ticket[@]}" NTLM_USER_FILE="$rig/no-users"
}

realm_start >"$rig/realm.log" 2>&1 || { cat "$rig/realm.log" >&2; exit 1; }
echo "RIGDOM:$ntlm_user:wrong" >"$rig/wrong-users"
install -d -m 777 "$rig/delegated"
export CAPTURE="$here"
for apache_side in MIT ours; do
    # In the background and waited for, because set -e is ignored inside a condition.
    (
        started=()
        trap stop_started EXIT
        export SPNEGO_GSS_EVENTS="$rig/apache.events" ${environment[$apache_side]}
        # shellcheck source=../../capture/apache.sh
        here=$self && . "$CAPTURE/apache.sh" && here=$CAPTURE
        unset SPNEGO_GSS_EVENTS GSS_MECH_CONFIG
        for curl_side in MIT ours; do requests; done
    ) &
    wait "$!" || verdict FAILED "Apache with $apache_side SPNEGO: $(tail -n 1 "$rig/apache.out" "$rig/apache.log" 2>/dev/null)"
done

echo
passed=$(grep -c ok "$rig/verdicts" || true) failed=$(grep -c FAILED "$rig/verdicts" || true)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
