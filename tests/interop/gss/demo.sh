#!/bin/bash
# Programs of Debian as they are, with our negotiation in one of the two ends or in both.
#
#   sudo tests/interop/gss/demo.sh       half a minute
#
# curl --negotiate talks to Apache's mod_auth_gssapi, ldapsearch to slapd, Cyrus SASL's sample programs and the peer of
# tests/interop each to its like, none of them knowing that there is a negotiation (NEG-01).  The realm, the server and the tap on the wire are those of tests/capture.  RIG_KEEP=1 leaves
# the private directory for a look, RESULTS=FILE takes what page.py makes a table of.  Ends with "N passed, M failed".
set -eu

self=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$self/../../.." && pwd)
# What the files of tests/capture expect of whoever sources them.
here=$top/tests/capture
# shellcheck source=../../capture/rig.sh
. "$here/rig.sh"
packages=(
    krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc make pkg-config python3
    apache2 libapache2-mod-auth-gssapi curl
    sasl2-bin libsasl2-modules-gssapi-mit slapd ldap-utils
)

# Outside: install, build the library, run this script again inside.
if [ -z "${RIG_INSIDE:-}" ]; then
    install_packages "${packages[@]}"
    make -s -C "$top" build/libspnego.a
    enter_rig RESULTS="${RESULTS:-}" "$self/demo.sh"
    exit
fi

settle_in
# shellcheck source=../../capture/realm.sh
. "$here/realm.sh"
# shellcheck source=../../capture/record.sh
. "$here/record.sh"

# ---- The module ---------------------------------------------------------------------------------

# Nothing leaves it but what the GSS library looks for: the names of our library stay inside.
cc -std=c11 -O2 -g -Wall -Wextra -fPIC -fvisibility=hidden -shared -Wl,--exclude-libs,ALL -Wl,-z,defs \
    -I"$top/include" -o "$rig/spnego_gss.so" "$self/spnego_gss.c" "$self/../mech_gss.c" "$top/build/libspnego.a" \
    -lgssapi_krb5
{
    cat /etc/gss/mech.d/mech.ntlmssp.conf
    echo "spnego 1.3.6.1.4.1.32473.3 $rig/spnego_gss.so <interposer>"
} >"$rig/mech.conf"

# Whose SPNEGO a program gets is a variable in its environment, and nothing else.
declare -A environment=([MIT]="" [ours]="GSS_MECH_CONFIG=$rig/mech.conf")

# ---- What is expected, and what is seen ---------------------------------------------------------

# row INITIATOR ACCEPTOR 'PROGRAM > PROGRAM' WHAT: what is expected from here on is of that; no events yet.
row() {
    row="$3: $4" column="$1 > $2"
    forget_events
    echo
    echo "${3/ > / ($1) > } ($2): $4"
}

# In a file, because servers and what is asked of them have a subshell of their own.
verdict() {
    printf 'cell\t%s\t%s\t%s\n' "$row" "$column" "$1" >>"$rig/verdicts"
    echo "    $1: $2"
}

expect() { # WHAT WANTED SEEN
    if [ "$2" = "$3" ]; then verdict ok "$1: $2"; else verdict FAIL "$1: expected '$2', got '$3'"; fi
}

forget_events() {
    # Writable for all: Apache's workers are another user.
    local role
    for role in initiator acceptor; do install -m 666 /dev/null "$rig/$role.events"; done
}

# The line of each step, and of each failure.
show_events() {
    grep -hE ' done in=| rule=[0-9]+ ' "$rig/initiator.events" "$rig/acceptor.events" | sed 's/^/  /' || true
}

# The tokens that passed, each as who sent it and its size: by the events of a role, and by the tap.
by_events() {
    local in=init out=accept
    [ "$1" = acceptor ] || { in=accept out=init; }
    sed -nE 's/.* done in=([0-9]+) out=([0-9]+) .*/in \1\nout \2/p' "$rig/$1.events" |
        sed "/ 0\$/d; s/^in/$in/; s/^out/$out/" | paste -sd ' '
}

on_the_wire() {
    local file
    for file in $(find "$exchange_dir" -name '*.init' -o -name '*.accept' | sort -V); do
        echo "${file##*.} $(stat -c %s "$file")"
    done | paste -sd ' '
}

# account ROLE SIDE STATE MECH MICS [TOKENS]: was it our negotiation, and what did it come to?
account() {
    local events=$rig/$1.events
    if [ "$2" = MIT ]; then
        expect "$1 does without us, events" 0 "$(wc -l <"$events")"
        return
    fi
    [ $# -lt 6 ] || expect "$1's tokens are those on the wire" "$6" "$(by_events "$1")"
    expect "$1's state and mechanism" "$3 $4" \
        "$(sed -nE 's/.* done .* state=([^ ]+)( mech=(.*))?/\1 \3/; T; s/ $/ -/; p' "$events" | tail -n 1)"
    expect "$1's MICs sent, verified" "$5" "$(grep -c ' mic-sent ' "$events") $(grep -c ' mic-verified ' "$events")"
}

# ---- HTTP ---------------------------------------------------------------------------------------

# request TITLE STATUS USER INITIATOR ACCEPTOR [environment=value ...] [-- option ...]
# INITIATOR and ACCEPTOR are what they come to, "STATE MECH MICS-SENT MICS-VERIFIED", if ours.
request() {
    local title=$1 status=$2 user=$3 variables=() initiator_is acceptor_is request seen wire
    read -ra initiator_is <<<"$4"
    read -ra acceptor_is <<<"$5"
    shift 5
    while [ $# -gt 0 ] && [ "$1" != -- ]; do variables+=("$1") && shift; done
    shift || true
    tap "curl-$client_side-$apache_side-${title//[^A-Za-z]/-}" http 18080 curl apache
    row "$client_side" "$apache_side" "curl > Apache" "$title"
    request=(curl --negotiate -u : "$@" "http://srv.rig.test:$tap_port/index.html")
    echo "  \$ ${environment[$client_side]:+GSS_MECH_CONFIG=... }${request[*]}"
    # shellcheck disable=SC2086 # nothing, or a variable
    seen=$(env SPNEGO_GSS_EVENTS="$rig/initiator.events" ${environment[$client_side]} "${variables[@]}" \
        timeout 20 "${request[@]}" -s -o "$rig/page" -D "$rig/headers" -w '%{http_code}') || true
    show_events
    expect "HTTP status" "$status" "$seen"
    expect "REMOTE_USER" "$user" "$(sed -n 's/^X-User: \(.*\)\r$/\1/p' "$rig/headers")"
    wire=$(on_the_wire)
    account acceptor "$apache_side" "${acceptor_is[@]:0:2}" "${acceptor_is[*]:2}" "$wire"
    # The token beside the page stays unread: curl hands over that of a 401, and ends with a context half done.
    [ "$status" != 200 ] || wire=${wire% accept *}
    account initiator "$client_side" "${initiator_is[@]:0:2}" "${initiator_is[*]:2}" "$wire"
}

ntlm_name="RIGDOM\\$ntlm_user"
no_ticket="KRB5CCNAME=FILE:$rig/no-ccache"

# Kerberos is the first choice and needs no MIC (RFC 4178 5); NTLM with a MIC of its own does (MS-SPNG 3.3.5.1).
requests() {
    request "Kerberos" 200 user@RIG.TEST "first-reply krb5 0 0" "complete krb5 0 0"
    rm -f "$rig/delegated"/*
    request "Kerberos, delegated" 200 user@RIG.TEST "first-reply krb5 0 0" "complete krb5 0 0" -- --delegation always
    expect "delegated" user@RIG.TEST \
        "$(klist "FILE:$(find "$rig/delegated" -type f)" 2>/dev/null | sed -n 's/^Default principal: //p')"
    request "NTLM" 200 "$ntlm_name" "token ntlmssp 1 0" "complete ntlmssp 1 1" "$no_ticket"
    request "NTLM, wrong password" 401 "" "failed ntlmssp 1 0" "failed ntlmssp 0 0" \
        "$no_ticket" NTLM_USER_FILE="$rig/wrong-users"
}

# Kerberos is offered, with a ticket in the first token, to an Apache that has no key for it.
requests_without_keytab() {
    request "Kerberos offered, NTLM chosen" 200 "$ntlm_name" "token ntlmssp 1 0" "complete ntlmssp 1 1"
}

# apache_with SIDE KEYTAB REQUESTS
apache_with() {
    apache_side=$1 row="curl > Apache" column="MIT > $1"
    (
        started=()
        trap stop_started EXIT
        # shellcheck disable=SC2086 # nothing, or a variable and its value
        export KRB5_KTNAME="FILE:$2" CAPTURE="$here" SPNEGO_GSS_EVENTS="$rig/acceptor.events" ${environment[$1]}
        # Our apache.conf, which includes the other.
        # shellcheck source=../../capture/apache.sh disable=SC2030
        here=$self && . "$CAPTURE/apache.sh" && here=$CAPTURE
        unset SPNEGO_GSS_EVENTS GSS_MECH_CONFIG
        for client_side in MIT ours; do "$3"; done
    ) &
    # In the background and waited for, because set -e is ignored inside a condition.
    wait "$!" || verdict FAIL "Apache ($1): $(tail -n 1 "$rig/apache.out") $(tail -n 1 "$rig/apache.log")"
}

# ---- LDAP ---------------------------------------------------------------------------------------

# search TITLE STATUS WHO INITIATOR ACCEPTOR [environment=value ...]: WHO asks, and how strong the seal is, by the server.
search() {
    local title=$1 status=$2 who=$3 initiator_is acceptor_is seen=0
    read -ra initiator_is <<<"$4"
    read -ra acceptor_is <<<"$5"
    row "$client_side" "$slapd_side" "ldapsearch > slapd" "$title"
    # shellcheck disable=SC2086 # nothing, or a variable
    env SPNEGO_GSS_EVENTS="$rig/initiator.events" ${environment[$client_side]} "${@:6}" \
        timeout 20 ldapsearch -LLL -N -Q -Y GSS-SPNEGO -H ldap://srv.rig.test:13389 -b cn=hello,dc=rig,dc=test \
        >"$rig/found" 2>&1 || seen=$?
    show_events
    expect "exit status" "$status" "$seen"
    expect "what can be read by who has logged in, sealed" "$([ "$status" -ne 0 ] || echo "description: hello")" \
        "$(grep '^description' "$rig/found")"
    account initiator "$client_side" "${initiator_is[@]:0:2}" "${initiator_is[*]:2}"
    account acceptor "$slapd_side" "${acceptor_is[@]:0:2}" "${acceptor_is[*]:2}"
    [ "$status" -ne 0 ] || expect "who it was" "$who" \
        "$(sed -nE 's/.* BIND dn="uid=(.*),cn=gss-spnego,cn=auth" .* (ssf=.*)/\1 \2/p' "$rig/slapd.log" | tail -n 1)"
}

searches() {
    search "Kerberos" 0 "user ssf=256" "complete krb5 0 0" "complete krb5 0 0"
    search "NTLM" 0 "rigdom\\5C$ntlm_user ssf=64" "complete ntlmssp 1 1" "complete ntlmssp 1 1" "$no_ticket"
    # LDAP tells the client in words, and without the acceptor's last token.
    search "NTLM, wrong password" 49 "" "token ntlmssp 1 0" "failed ntlmssp 0 0" \
        "$no_ticket" NTLM_USER_FILE="$rig/wrong-users"
}

searches_without_keytab() {
    search "Kerberos offered, NTLM chosen" 0 "rigdom\\5C$ntlm_user ssf=64" "complete ntlmssp 1 1" "complete ntlmssp 1 1"
}

# slapd_with SIDE KEYTAB SEARCHES
slapd_with() {
    slapd_side=$1 row="ldapsearch > slapd" column="MIT > $1"
    rm -rf "$rig/ldap" "$rig/slapd.log"
    mkdir "$rig/ldap"
    cat >"$rig/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
sasl-host srv.rig.test
database ldif
suffix dc=rig,dc=test
directory $rig/ldap
access to * by users sasl_ssf=56 read
CONF
    printf '%s\n' "dn: dc=rig,dc=test" "objectClass: dcObject" "objectClass: organization" "o: rig" "dc: rig" "" \
        "dn: cn=hello,dc=rig,dc=test" "objectClass: device" "cn: hello" "description: hello" |
        slapadd -f "$rig/slapd.conf"
    (
        started=()
        trap stop_started EXIT
        # shellcheck disable=SC2086 # nothing, or a variable and its value
        env KRB5_KTNAME="FILE:$2" SPNEGO_GSS_EVENTS="$rig/acceptor.events" ${environment[$1]} \
            slapd -d stats -f "$rig/slapd.conf" -h ldap://127.0.0.1:13389 >"$rig/slapd.log" 2>&1 &
        serve 13389 "$!"
        for client_side in MIT ours; do "$3"; done
    ) &
    wait "$!" || verdict FAIL "slapd ($1): $(tail -n 1 "$rig/slapd.log")"
}

# ---- Programs that end with both contexts established --------------------------------------------

# One end of SASL: what it says to the other goes to standard output, all of it into a file.
sasl() { # PROGRAM SIDE ROLE LETTER [option ...]
    local program=$1 side=$2 role=$3 letter=$4
    shift 4
    # shellcheck disable=SC2086 # nothing, or a variable
    env SPNEGO_GSS_EVENTS="$rig/$role.events" ${environment[$side]} timeout 20 stdbuf -oL "$program" \
        -m GSS-SPNEGO -s host -b min=56,max=256 "$@" 2>&1 | tee "$rig/$role.said" | sed -un "/^$letter: /p"
}

# Kerberos, and then a sealed message each way.
sasl_pair() { # CLIENT_SIDE SERVER_SIDE
    row "$1" "$2" "SASL client > SASL server" "GSS-SPNEGO, sealed messages"
    rm -f "$rig/to-server" "$rig/to-client"
    mkfifo "$rig/to-server" "$rig/to-client"
    # To open a pipe waits for the other end: in the same order on both sides.
    sasl sasl-sample-server "$2" acceptor S <"$rig/to-server" >"$rig/to-client" &
    sasl sasl-sample-client "$1" initiator C -n srv.rig.test >"$rig/to-server" <"$rig/to-client" || true
    wait "$!" || true
    show_events
    expect "server" "Username: user" "$(grep '^Username' "$rig/acceptor.said")"
    expect "client" "recieved decoded message 'srv message 1'" "$(grep decoded "$rig/initiator.said")"
    expect "server" "recieved decoded message 'client message 1'" "$(grep decoded "$rig/acceptor.said")"
    account initiator "$1" complete krb5 "0 0"
    account acceptor "$2" complete krb5 "0 0"
}

# converse CLIENT_SIDE SERVER_SIDE TITLE 'initiator options' 'acceptor options' VERDICTS INITIATOR ACCEPTOR
converse() {
    local initiator_is acceptor_is wire
    read -ra initiator_is <<<"$7"
    read -ra acceptor_is <<<"$8"
    row "$1" "$2" "GSS-API program > its like" "$3"
    exchange "gss_peer-$1-$2-${3//[^A-Za-z]/-}" "$1-initiator $4" "$2-acceptor $5"
    show_events
    expect "verdicts" "$6" "$(awk '{last[$1] = $2} END {print last["init"], last["accept"]}' "$exchange_dir/log")"
    wire=$(on_the_wire)
    account initiator "$1" "${initiator_is[@]:0:2}" "${initiator_is[*]:2}" "$wire"
    # What is said to one who has failed does not reach him.
    [[ $6 != *failure ]] || wire=${wire% init *}
    account acceptor "$2" "${acceptor_is[@]:0:2}" "${acceptor_is[*]:2}" "$wire"
}

# said init|accept: what that side's program made of gss_display_status.
said() {
    sed -n "s/^$1 failure [0-9]* //p" "$exchange_dir/log"
}

conversations() { # CLIENT_SIDE SERVER_SIDE
    local done="complete complete"
    converse "$1" "$2" "Kerberos, DCE style" "--flags mutual,integ,dce" "" "$done" "complete krb5 0 0" "complete krb5 0 0"
    converse "$1" "$2" "channel bindings" "--bind one" "--bind one" "$done" "complete krb5 0 0" "complete krb5 0 0"
    converse "$1" "$2" "NTLM" "--mechs ntlm" "--mechs ntlm" "$done" "complete ntlmssp 1 1" "complete ntlmssp 1 1"
    converse "$1" "$2" "Kerberos offered, NTLM chosen" "--mechs krb5,ntlm" "--mechs ntlm" "$done" \
        "complete ntlmssp 1 1" "complete ntlmssp 1 1"
    converse "$1" "$2" "NTLM offered, Kerberos chosen" "--mechs ntlm,krb5" "--mechs krb5" "$done" \
        "complete krb5 1 1" "complete krb5 1 1"
    converse "$1" "$2" "other channel bindings" "--bind one" "--bind two" "failure failure" "failed krb5 0 0" "failed krb5 0 0"
    expect "acceptor says" "Incorrect channel bindings were supplied. Success." "$(said accept)"
    converse "$1" "$2" "nothing in common" "--mechs ntlm" "--mechs krb5" "failure failure" "failed ntlmssp 0 0" "failed - 0 0"
    [ "$1" = MIT ] || expect "initiator says" "An unsupported mechanism was requested. the peer answered reject." "$(said init)"
    [ "$2" = MIT ] || expect "acceptor says" \
        "An unsupported mechanism was requested. none of the mechanisms that were offered can be used here." "$(said accept)"
}

# ---- All of it ----------------------------------------------------------------------------------

realm_start >"$rig/realm.log" 2>&1 || { cat "$rig/realm.log" >&2; exit 1; }
echo "RIGDOM:$ntlm_user:wrong" >"$rig/wrong-users"
install -d -m 777 "$rig/delegated"
build_gss_peer gss_peer krb5-gssapi
for side in MIT ours; do
    for role in initiator acceptor; do
        command[$side-$role]="env SPNEGO_GSS_EVENTS=$rig/$role.events ${environment[$side]} $rig/gss_peer"
    done
done
forget_events

for side in MIT ours; do
    apache_with "$side" "$rig/keytab" requests
    apache_with "$side" "$rig/no-keytab" requests_without_keytab
    slapd_with "$side" "$rig/keytab" searches
    slapd_with "$side" "$rig/no-keytab" searches_without_keytab
    for client_side in MIT ours; do
        sasl_pair "$client_side" "$side"
        conversations "$client_side" "$side"
    done
done

echo
passed=$(grep -c 'ok$' "$rig/verdicts" || true) failed=$(grep -c 'FAIL$' "$rig/verdicts" || true)
results "Our negotiation behind the GSS-API of unmodified programs" \
    "$passed checks of $((passed + failed)) as expected, in $(cut -f 2,3 "$rig/verdicts" | sort -u | wc -l) runs" \
    "MIT krb5=libgssapi-krb5-2" gss-ntlmssp=gss-ntlmssp curl=curl Apache=apache2-bin \
    mod_auth_gssapi=libapache2-mod-auth-gssapi "Cyrus SASL=libsasl2-2" OpenLDAP=slapd <"$rig/verdicts"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
