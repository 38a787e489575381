#!/bin/bash
# Our SOCKS 5 client and server (RFC 1961) over MIT's Kerberos against each other, against both of Dante, and the server
# against curl.
#
#   make interop-socks5                   or, with a library that is built:
#   tests/interop/socks5.sh LIBSPNEGO.a [DANTE]
#
# DANTE: a folder with Dante's server and client with the GSS-API, as dante.sh builds them; a gap without.
# A row is "ok", "FAIL", or "gap": what another program does not do, with the octets that show it.  In a private
# directory and namespaces of our own, as run.sh; RIG_KEEP=1 leaves the directory, with what went over the wire.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc curl strace python3)

# shellcheck source=../capture/rig.sh
. "$here/../capture/rig.sh"

# Outside: install, run this script again inside.
if [ -z "${RIG_INSIDE:-}" ]; then
    [ -f "${1:-}" ] || { echo "socks5.sh: which libspnego.a? (make interop-socks5 knows)" >&2; exit 2; }
    install_packages "${packages[@]}"
    enter_rig CC="${CC:-cc}" CFLAGS="${CFLAGS:--O2 -g}" "$here/socks5.sh" "$(realpath "$1")" "${2:+$(realpath "$2")}"
    exit
fi

settle_in
# shellcheck source=../capture/realm.sh
. "$here/../capture/realm.sh"
realm_start >"$rig/realm.log" 2>&1 || { echo "socks5.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }
# The service that curl asks for if nobody says otherwise.
kadmin.local -r RIG.TEST -q "addprinc -randkey rcmd/srv.rig.test" >>"$rig/realm.log" 2>&1
kadmin.local -r RIG.TEST -q "ktadd -k $rig/keytab rcmd/srv.rig.test" >>"$rig/realm.log" 2>&1

# shellcheck disable=SC2086 # the flags are words
$CC -std=c11 $CFLAGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$here/../../include" \
    -o "$rig/socks5_peer" "$here/socks5_peer.c" "$here/mech_gss.c" "$1" -lgssapi_krb5

# ---- What is reached through the proxy ------------------------------------------------------------

mkdir "$rig/web"
echo "the page behind the proxy" >"$rig/web/index.html"
# More than fits into one frame, so that it comes in several.
head -c 200000 /dev/zero | tr '\0' 'x' >>"$rig/web/index.html"
python3 - "$rig" <<'PYTHON' &
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1] + "/web")
handler.func.log_message = lambda *arguments: None
server = http.server.HTTPServer(("127.0.0.1", 0), handler)
with open(sys.argv[1] + "/web.port", "w") as out:
    print(server.server_port, file=out)
server.serve_forever()
PYTHON

port_in() { # FILE: the number that somebody is about to write there
    local tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "socks5.sh: nobody wrote $1" >&2; return 1; }
        sleep 0.05
    done
    cat "$1"
}
web_port=$(port_in "$rig/web.port")

# ---- Rows ----------------------------------------------------------------------------------------

passed=0 failed=0 num=0

row() { # ok|FAIL|gap DESCRIPTION
    echo "$1  $2"
    case $1 in
    ok) passed=$((passed + 1)) ;;
    FAIL) failed=$((failed + 1)) ;;
    esac
}

# What went over the wire holds the request's beginning, or not; and how both ended.
wire_has_request() { tr -d '\n<> ' <"$rig/$num.tap" 2>/dev/null | grep -q 474554202f; }
last_of() { tail -n 1 "$rig/$num.$1" 2>/dev/null || true; }

server_start() { # WORD...
    num=$((num + 1))
    rm -f "$rig/port"
    "$rig/socks5_peer" server "$rig/port" tap="$rig/$num.tap" "$@" 2>"$rig/$num.server" &
    server=$!
    proxy_port=$(port_in "$rig/port")
}

server_stop() {
    # It writes its line once the client is gone.
    local tries=0
    until [ -s "$rig/$num.server" ] || [ "$tries" -ge 40 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}

page_came() { cmp -s "$rig/$num.page" "$rig/web/index.html"; }

# ours DESCRIPTION "SERVER WORDS" "CLIENT WORDS" WANT_CLIENT WANT_SERVER IN_CLEAR
#
# WANT_*: what the side's last line must hold; "page": it must have come as well.  IN_CLEAR: yes or no, whether the
# request can be read on the wire.
ours() {
    local what=$1 want_client=$4 want_server=$5 in_clear=$6 seen=no
    # shellcheck disable=SC2086 # words
    server_start $2
    # shellcheck disable=SC2086
    timeout 20 "$rig/socks5_peer" client "$proxy_port" "${target:-rcmd@srv.rig.test}" "$web_port" $3 \
        >"$rig/$num.answer" 2>"$rig/$num.client" || true
    server_stop
    sed '1,/^\r$/d' "$rig/$num.answer" >"$rig/$num.page"
    if wire_has_request; then seen=yes; fi
    if last_of client | grep -q -- "$want_client" && last_of server | grep -q -- "$want_server" &&
        [ "$seen" = "$in_clear" ] && { [ "$want_client" != "${want_client#established}" ] && page_came ||
        [ "$want_client" = "${want_client#established}" ]; }; then
        row ok "ours > ours  $what"
    else
        row FAIL "ours > ours  $what: $(last_of client) / $(last_of server), request in clear: $seen"
    fi
}

ours "level 2 unless told otherwise" "" "" "established level=2 mech=krb5 bare deleg=0" "established level=2" no
ours "the host does the greeting" "greets" "" "established level=2" "established level=2" no
ours "level 1" "" "level=1" "established level=1" "established level=1" yes
ours "level 2" "" "level=2" "established level=2" "established level=2" no
ours "level 3, nothing encrypted" "" "level=3" "established level=3" "established level=3" yes
ours "the server answers 2 to 1, and min_level takes it" "level=2" "level=1 min=1" \
    "CONTINUE\|POLICY\|established level=2" "level=2" no
ours "the server answers 1 to 2: the client closes" "level=1" "level=2" "SOCKS5_LEVEL_UNACCEPTABLE" "level=1\|STREAM" no
ours "the server answers 1 to 2, and min_level takes it" "level=1" "level=2 min=1" "established level=1" \
    "established level=1" yes
ours "every message must be encrypted: 2 for a client that asks for 1" "min=2" "level=1" \
    "SOCKS5_LEVEL_UNACCEPTABLE" "." no
ours "NEC on both sides" "nec" "nec" "established level=2" "established level=2" no
ours "NEC on the client's side alone: refused" "" "nec" "SOCKS5_ABORTED" "SOCKS5_LEVEL_IN_CLEAR" no
ours "NEC on the server's side alone: refused" "nec" "" "SOCKS5_ABORTED" "SOCKS5_LEVEL_NOT_ONE_OCTET" no
ours "level 0 by option on both sides" "no-protection" "no-protection" "established level=0" "established level=0" yes
ours "level 0 by the client's option alone: refused" "" "no-protection" "SOCKS5_ABORTED" "SOCKS5_LEVEL_UNKNOWN" no
ours "SPNEGO around it" "spnego" "spnego" "established level=2 mech=krb5 spnego" "established level=2 mech=krb5 spnego" no
ours "SPNEGO on the client's side alone: refused" "" "spnego" "SOCKS5_ABORTED" "BARE_TOKEN_EXPECTED" no
ours "delegation by option" "" "delegate" "deleg=1" "deleg=1" no
ours "NTLM within SPNEGO" "spnego ntlm" "spnego ntlm" "established level=2 mech=ntlmssp" "established level=2 mech=ntlmssp" no
target=rcmd@nowhere.rig.test ours "no such service" "" "" "MECH" "." no

# ---- curl ----------------------------------------------------------------------------------------

# curl 7.88.1 looks for the answer to its greeting once, right after it has sent that, so it is held for a moment after
# each send.  It asks for level 0, whatever it is told, and goes as far as to hear the server's level.
curl_version=$(curl --version | sed -n '1s/^curl \([^ ]*\).*/\1/p')

curl_through() { # "SERVER WORDS" "CURL WORDS"
    # shellcheck disable=SC2086 # words
    server_start $1
    curl_exit=0
    # shellcheck disable=SC2086
    timeout 20 strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:delay_exit=100000 \
        curl -sS --socks5-gssapi $2 --socks5-hostname "srv.rig.test:$proxy_port" "http://127.0.0.1:$web_port/" \
        -o "$rig/$num.page" 2>"$rig/$num.client" || curl_exit=$?
    server_stop
}

# The level frames, the client's and ours, as they went over the wire.
level_frames() {
    sed -n 's/^[<>] 0102/&/p' "$rig/$num.tap" | cut -c1-80 | tr '\n' ' '
}

curl_row() { # DESCRIPTION "SERVER WORDS" "CURL WORDS" WANT_SERVER
    curl_through "$2" "$3"
    if last_of server | grep -q -- "$4"; then
        row ok "curl $curl_version > ours  $1"
    else
        row FAIL "curl $curl_version > ours  $1: curl ended with $curl_exit, $(last_of client); $(last_of server)"
    fi
}

curl_gap() { # DESCRIPTION "SERVER WORDS" "CURL WORDS": counted as a failure once curl can
    curl_through "$2" "$3"
    if [ "$curl_exit" != 0 ]; then
        row gap "curl $curl_version > ours  $1: exit $curl_exit after $(level_frames)"
    else
        row FAIL "curl $curl_version > ours  $1: it can by now; this row is out of date"
    fi
}

curl_row "authentication, and level 0, wrapped" "no-protection" "" "established level=0 mech=krb5 bare deleg=0"
curl_row "authentication, and level 0, NEC" "nec no-protection" "--socks5-gssapi-nec" "established level=0 mech=krb5 bare"
curl_row "another service's name" "no-protection" "--socks5-gssapi-service host" "established level=0"
curl_row "level 0 without the server's option: refused" "" "" "SOCKS5_LEVEL_UNKNOWN"
curl_row "level 0 without the server's option, NEC: refused" "nec" "--socks5-gssapi-nec" "SOCKS5_LEVEL_UNKNOWN"
curl_row "NEC where the server does not: refused" "no-protection" "--socks5-gssapi-nec" "SOCKS5_LEVEL_IN_CLEAR"
curl_row "wrapped where the server is NEC: refused" "nec no-protection" "" "SOCKS5_LEVEL_NOT_ONE_OCTET"
curl_gap "a page at level 0" "no-protection" ""
curl_gap "a page at level 1, answered to its 0" "no-protection level=1" ""
curl_gap "a page at level 2, answered to its 0" "no-protection level=2" ""
curl_gap "a page at level 2, answered to its 0, NEC" "nec no-protection level=2" "--socks5-gssapi-nec"

# ---- Dante ---------------------------------------------------------------------------------------

sockd=${2:-}/sockd dsocks=${2:-}/libdsocks.so

sockd_start() { # "LEVELS" [LINE]
    local tries=0
    num=$((num + 1))
    cat >"$rig/sockd.conf" <<CONF
logoutput: $rig/$num.sockd
internal: lo port = 10800
external: lo
clientmethod: none
socksmethod: gssapi
user.privileged: root
user.unprivileged: root
client pass {
    from: 0.0.0.0/0 to: 0.0.0.0/0
    gssapi.keytab: FILE:$rig/keytab
    gssapi.enctype: $1
    ${2:-}
}
socks pass {
    from: 0.0.0.0/0 to: 0.0.0.0/0
    gssapi.keytab: FILE:$rig/keytab
    gssapi.enctype: $1
}
CONF
    "$sockd" -f "$rig/sockd.conf" -p "$rig/sockd.pid" >"$rig/$num.sockd-out" 2>&1 &
    server=$!
    until (exec 3<>/dev/tcp/127.0.0.1/10800) 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "socks5.sh: Dante did not start" >&2; return 1; }
        sleep 0.05
    done
}

# dante_row DESCRIPTION "LEVELS" LINE "CLIENT WORDS" WANT_CLIENT IN_CLEAR: the page must come if WANT_CLIENT says
# "established".
dante_row() {
    local seen=no good=yes
    sockd_start "$2" "$3"
    # shellcheck disable=SC2086 # words
    timeout 20 "$rig/socks5_peer" client 10800 rcmd@srv.rig.test "$web_port" tap="$rig/$num.tap" $4 \
        >"$rig/$num.answer" 2>"$rig/$num.client" || true
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    sed '1,/^\r$/d' "$rig/$num.answer" >"$rig/$num.page"
    if wire_has_request; then seen=yes; fi
    last_of client | grep -q -- "$5" || good=no
    [ "$seen" = "$6" ] || good=no
    case $5 in established*) page_came || good=no ;; esac
    if [ $good = yes ]; then
        row ok "ours > dante  $1"
    else
        row FAIL "ours > dante  $1: $(last_of client), request in clear: $seen"
    fi
}

# dsocks_row DESCRIPTION "LEVELS" LINE "SERVER WORDS" WANT_SERVER IN_CLEAR: curl, whose connections Dante's client takes
# over, fetches the page through our server.
dsocks_row() {
    local seen=no good=yes
    # shellcheck disable=SC2086 # words
    server_start $4
    cat >"$rig/socks.conf" <<CONF
logoutput: $rig/$num.dsocks
route {
    from: 0.0.0.0/0 to: 0.0.0.0/0 via: srv.rig.test port = $proxy_port
    proxyprotocol: socks_v5
    protocol: tcp
    method: gssapi
    gssapi.enctype: $2
    $3
}
CONF
    SOCKS_CONF="$rig/socks.conf" LD_PRELOAD="$dsocks" timeout 20 curl -sS "http://192.0.2.1:$web_port/" \
        -o "$rig/$num.page" 2>"$rig/$num.client" || true
    server_stop
    if wire_has_request; then seen=yes; fi
    last_of server | grep -q -- "$5" || good=no
    [ "$seen" = "$6" ] || good=no
    case $5 in established*) page_came || good=no ;; esac
    if [ $good = yes ]; then
        row ok "dante > ours  $1"
    else
        row FAIL "dante > ours  $1: $(last_of server), $(last_of client), request in clear: $seen"
    fi
}

if [ -x "$sockd" ]; then
    all="clear integrity confidentiality"
    dante_row "level 2 unless told otherwise" "$all" "" "" "established level=2 mech=krb5 bare deleg=0" no
    dante_row "level 1" "$all" "" "level=1" "established level=1" yes
    dante_row "level 2 alone on offer" "confidentiality" "" "" "established level=2" no
    dante_row "level 0 by option" "$all" "" "no-protection" "established level=0" yes
    dante_row "level 1 where only 2 is on offer: it closes" "confidentiality" "" "level=1" "SOCKS5_STREAM_ENDED\|ABORTED" no
    dante_row "level 3, which it does not have" "$all" "" "level=3" "SOCKS5_STREAM_ENDED\|ABORTED\|UNACCEPTABLE" no
    dante_row "NEC on both sides" "$all" "clientcompatibility: necgssapi" "nec" "established level=2" no
    dante_row "NEC on both sides, level 1" "$all" "clientcompatibility: necgssapi" "nec level=1" "established level=1" yes
    dante_row "SPNEGO around it" "$all" "" "spnego" "established level=2 mech=krb5 spnego" no
    dante_row "delegation by option" "$all" "" "delegate" "established level=2 mech=krb5 bare deleg=1" no
    dsocks_row "level 2, the highest that it has" "$all" "" "" "established level=2 mech=krb5 bare" no
    dsocks_row "level 1" "integrity" "" "" "established level=1" yes
    dsocks_row "level 1, where every message must be encrypted" "integrity confidentiality" "" "min=2" \
        "established level=2" no
    dsocks_row "level 1 alone, where 2 is the least: nothing is taken unencrypted" "integrity" "" "min=2" \
        "SOCKS5_NOT_CONFIDENTIAL\|STREAM_ENDED" no
    dsocks_row "level 0 by option" "clear" "" "no-protection" "established level=0" yes
    dsocks_row "level 0 without the option: refused" "clear" "" "" "SOCKS5_LEVEL_UNKNOWN" no
    dsocks_row "NEC on both sides" "confidentiality" "clientcompatibility: necgssapi" "nec" "established level=2" no
    dsocks_row "NEC on its side alone: refused" "confidentiality" "clientcompatibility: necgssapi" "" \
        "SOCKS5_LEVEL_IN_CLEAR" no
else
    row gap "ours > dante  no program with the GSS-API: Debian's has none, and tests/interop/dante.sh was not run"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
