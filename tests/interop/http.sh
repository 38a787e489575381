#!/bin/bash
# Our HTTP Negotiate against programs of Debian as they are: our acceptor behind http_server.c before curl, Chromium
# and python3-requests-kerberos; our initiator in http_client.c before Apache's mod_auth_gssapi; and the two together.
#
#   make interop-http                     or, with a library that is built:
#   tests/interop/http.sh LIBSPNEGO.a [WORD]
#
# WORD: those rows alone that hold it.  A row is "ok", "FAIL" or "gap" (the peer cannot do it; what it does is compared
# all the same, and the octets that show it follow) and what it is about; the last line is "N passed, N failed".
# RIG_KEEP=1 leaves the private directory.  Everything happens in it, and in namespaces of our own, as in run.sh.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
capture=$here/../capture
root=$here/../..
packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc pkg-config curl apache2
    libapache2-mod-auth-gssapi python3-requests-kerberos)

# shellcheck source=../capture/rig.sh
. "$capture/rig.sh"

# Outside: install, run this script again inside.
if [ -z "${RIG_INSIDE:-}" ]; then
    [ -f "${1:-}" ] || { echo "http.sh: which libspnego.a? (make interop-http knows)" >&2; exit 2; }
    install_packages "${packages[@]}"
    # It is large, and there for two rows.
    install_packages chromium || echo "not run  Chromium: it cannot be installed here"
    enter_rig ASAN_OPTIONS=detect_leaks=0 CC="${CC:-cc}" CFLAGS="${CFLAGS:--O2 -g}" "$here/http.sh" \
        "$(realpath "$1")" "${@:2}"
    exit
fi

# ---- Inside: the realm, the two programs, Apache -------------------------------------------------

library=$1 only=${2:-}
settle_in

# shellcheck source=../capture/realm.sh
. "$capture/realm.sh"
realm_start >"$rig/realm.log" 2>&1 || { echo "http.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }
# shellcheck disable=SC2154 # realm.sh
printf 'RIGDOM:%s:not-%s\n' "$ntlm_user" "$ntlm_password" >"$rig/ntlm-wrong"
printf '%s\n' "addent -password -p HTTP/srv.rig.test@RIG.TEST -k 1 -e aes256-cts-hmac-sha1-96" wrongpw \
    "wkt $rig/wrong-keytab" quit | ktutil >/dev/null

for program in server client; do
    # shellcheck disable=SC2046,SC2086 # the flags are words
    $CC -std=c11 -D_DEFAULT_SOURCE $CFLAGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$root/include" \
        -o "$rig/http_$program" $(pkg-config --cflags krb5-gssapi) "$here/http_$program.c" "$here/http_wire.c" \
        "$here/mech_gss.c" "$library" $(pkg-config --libs krb5-gssapi)
done

await() { # PORT
    local tries=0
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "http.sh: nothing listens on $1" >&2; return 1; }
        sleep 0.05
    done
}

port=18100
# site WORD...: our acceptor on a port of its own, $port; what it prints goes to $rig/PORT.
site() {
    port=$((port + 1))
    env ${site_env:+$site_env} "$rig/http_server" "$port" "$@" >"$rig/$port" 2>&1 &
    await "$port"
}

mkdir -p "$rig/site/bound" "$rig/site/each" "$rig/site/ntlm"
for page in bound/page each/page ntlm/page open; do echo hello >"$rig/site/$page"; done
chmod -R a+rX "$rig/site" "$rig/keytab" "$rig/ntlm-users" "$rig/krb5.conf" && chmod a+x "$rig"
RIG="$rig" RIG_HTTP_PORT=18080 apache2 -DFOREGROUND -f "$here/http_apache.conf" >"$rig/apache.out" 2>&1 &
await 18080

# ---- Rows ----------------------------------------------------------------------------------------

passed=0 failed=0

# row ok|gap TITLE EXPECTED COMMAND...: a line of what the command prints is each line of EXPECTED, in which "*" stands
# for anything.
row() {
    local kind=$1 title=$2 expected=$3 seen i=0
    shift 3
    case "$title" in *"$only"*) ;; *) return 0 ;; esac
    seen=$(timeout 60 "$@" 2>>"$rig/err") || true
    local want=() got=()
    mapfile -t want <<<"$expected"
    mapfile -t got <<<"$seen"
    # shellcheck disable=SC2053 # a pattern
    while [ "$i" -lt "${#want[@]}" ] && [[ "${got[$i]:-}" == ${want[$i]} ]]; do i=$((i + 1)); done
    if [ "$i" -eq "${#want[@]}" ] && [ "${#got[@]}" -eq "$i" ]; then
        passed=$((passed + 1))
        echo "$kind   $title"
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  expected: %s\n  seen:     %s\n' "$title" "$expected" "$seen"
    fi
}

no_ticket=(env KRB5CCNAME="FILE:$rig/none")
wrong=(env KRB5CCNAME="FILE:$rig/none" NTLM_USER_FILE="$rig/ntlm-wrong")
nobody=(env KRB5CCNAME="FILE:$rig/none" NTLM_USER_FILE="$rig/none")
ntlm_name="RIGDOM\\\\$ntlm_user"
as_krb5="user=user@RIG.TEST mech=krb5 mics=0 bare=0"
as_ntlm="user=$ntlm_name mech=ntlmssp mics=1 bare=0"
fetch=(curl -s --negotiate -u : -w '%{http_code} %{num_connects}\n')

of_curl() {
    local there
    site bound
    there=http://srv.rig.test:$port
    row ok "curl > ours: Kerberos" "$as_krb5 body=0"$'\n'"200 1" "${fetch[@]}" "$there/"
    row ok "curl > ours: NTLM inside SPNEGO, with MICs" "$as_ntlm body=0"$'\n'"200 1" "${no_ticket[@]}" "${fetch[@]}" "$there/"
    row ok "curl > ours: NTLM, wrong password" "nobody"$'\n'"401 *" "${wrong[@]}" "${fetch[@]}" "$there/"
    row ok "curl > ours: no credentials" "nobody"$'\n'"401 *" "${nobody[@]}" "${fetch[@]}" "$there/"
    row ok "curl > ours: no authentication wanted" "nobody"$'\n'"401 1" curl -s -w '%{http_code} %{num_connects}\n' "$there/"
    row ok "curl > ours: delegation" "$as_krb5 body=0"$'\n'"200 1" "${fetch[@]}" --delegation always "$there/"
    head -c 300000 /dev/zero >"$rig/body"
    row ok "curl > ours: POST, Kerberos" "$as_krb5 body=300000"$'\n'"200 1" "${fetch[@]}" --data-binary "@$rig/body" "$there/"
    row ok "curl > ours: POST, NTLM" "$as_ntlm body=300000"$'\n'"200 1" "${no_ticket[@]}" "${fetch[@]}" --data-binary "@$rig/body" "$there/"
    row ok "curl > ours: POST with Expect: 100-continue" "$as_krb5 body=300000"$'\n'"200 1" "${fetch[@]}" -H 'Expect: 100-continue' --data-binary "@$rig/body" "$there/"
    row ok "curl > ours: three pages on one bound connection, Kerberos" \
        "$as_krb5 body=0"$'\n'"200 1"$'\n'"$as_krb5 body=0"$'\n'"200 0"$'\n'"$as_krb5 body=0"$'\n'"200 0" \
        "${fetch[@]}" "$there/1" "$there/2" "$there/3"
    row ok "curl > ours: three pages on one bound connection, NTLM" \
        "$as_ntlm body=0"$'\n'"200 1"$'\n'"$as_ntlm body=0"$'\n'"200 0"$'\n'"$as_ntlm body=0"$'\n'"200 0" \
        "${no_ticket[@]}" "${fetch[@]}" "$there/1" "$there/2" "$there/3"
    site
    there=http://srv.rig.test:$port
    row ok "curl > ours: three pages, each authenticated by itself, Kerberos" \
        "$as_krb5 body=0"$'\n'"200 1"$'\n'"$as_krb5 body=0"$'\n'"200 0"$'\n'"$as_krb5 body=0"$'\n'"200 0" \
        "${fetch[@]}" "$there/1" "$there/2" "$there/3"
    site ntlm mics
    row ok "curl > ours: Kerberos offered, NTLM chosen, MICs" "$as_ntlm body=0"$'\n'"200 1" "${fetch[@]}" "http://srv.rig.test:$port/"
    site krb5
    row ok "curl > ours: NTLM offered, Kerberos alone taken" "nobody"$'\n'"401 *" "${no_ticket[@]}" "${fetch[@]}" "http://srv.rig.test:$port/"
    site error-token
    row ok "curl > ours: wrong password, error token" "nobody"$'\n'"401 *" "${wrong[@]}" "${fetch[@]}" "http://srv.rig.test:$port/"
    site_env=KRB5_KTNAME=FILE:$rig/wrong-keytab site krb5
    row ok "curl > ours: a key that no ticket was made for" "nobody"$'\n'"401 *" "${fetch[@]}" "http://srv.rig.test:$port/"
}

# curl's --ntlm is the scheme NTLM, which is not ours: nothing is taken for Negotiate.
of_curl_otherwise() {
    site bound
    row ok "curl > ours: the schemes NTLM and Basic are not Negotiate" "nobody"$'\n'"401 *"$'\n'"nobody"$'\n'"401 *" \
        sh -c 'curl -s --ntlm -u a:b -w "%{http_code} %{num_connects}\n" "$1"; curl -s --basic -u a:b -w "%{http_code} %{num_connects}\n" "$1"' \
        sh "http://srv.rig.test:$port/"
    site bound proxy
    local through=(curl -s --proxy "http://srv.rig.test:$port" --proxy-negotiate -U : -w '%{http_code} %{num_connects}\n')
    row ok "curl > ours: through a proxy, 407, Kerberos" "$as_krb5 body=0"$'\n'"200 1" "${through[@]}" http://elsewhere.test/
    row ok "curl > ours: through a proxy, 407, NTLM" "$as_ntlm body=0"$'\n'"200 1" "${no_ticket[@]}" "${through[@]}" http://elsewhere.test/
    row ok "curl > ours: through a proxy, POST, NTLM" "$as_ntlm body=300000"$'\n'"200 1" "${no_ticket[@]}" "${through[@]}" --data-binary "@$rig/body" http://elsewhere.test/
    row ok "curl > ours: through a proxy, wrong password" "nobody"$'\n'"407 *" "${wrong[@]}" "${through[@]}" http://elsewhere.test/
}

# What Chromium shows of a page, and who it was by the server.
visit() {
    timeout 50 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$rig/profile" --no-first-run \
        --disable-background-networking --auth-server-allowlist='*' --dump-dom "$1" 2>>"$rig/chromium.log" |
        sed -n 's/.*\(user=[^<]*\).*/\1/p'
}

of_browsers() {
    command -v chromium >/dev/null || return 0
    site bound
    export -f visit
    export rig
    # The first start of a profile only notes that the site asks for Negotiate.
    case "Chromium > ours: Kerberos" in *"$only"*) visit "http://srv.rig.test:$port/" >/dev/null || true ;; esac
    row ok "Chromium > ours: Kerberos" "$as_krb5 body=0" bash -c "visit http://srv.rig.test:$port/"
    row ok "Chromium > ours: NTLM inside SPNEGO" "$as_ntlm body=0" "${no_ticket[@]}" bash -c "visit http://srv.rig.test:$port/"
}

# Each request ends with an exception unless the last token came and is the server's.  The beginning of ours is printed.
cat >"$rig/fetch.py" <<'PYTHON'
import base64, sys, requests, requests_kerberos
auth = requests_kerberos.HTTPKerberosAuth(mutual_authentication=requests_kerberos.REQUIRED)
session = requests.Session()
for answer in (session.get(sys.argv[1], auth=auth), session.post(sys.argv[1], data=b"12345", auth=auth)):
    token = base64.b64decode(answer.request.headers["Authorization"].split()[1])
    print(token[:15].hex(), answer.status_code, answer.text.strip())
PYTHON

of_python() {
    local fetch=(/usr/bin/python3 "$rig/fetch.py") raw='6082????06092a864886f712010202'
    site
    row gap "requests-kerberos > ours: it has raw Kerberos alone, 60 82 .. .. 06 09 2a 86 48 86 f7 12 01 02 02, which is refused" \
        "$raw 401 nobody"$'\n'"$raw 401 nobody" "${fetch[@]}" "http://srv.rig.test:$port/"
    site bare
    row ok "requests-kerberos > ours: raw Kerberos where it is taken, the server's last token required" \
        "$raw 200 ${as_krb5%0}1 body=0"$'\n'"$raw 200 ${as_krb5%0}1 body=5" "${fetch[@]}" "http://srv.rig.test:$port/"
}

of_apache() {
    local ours=("$rig/http_client" srv.rig.test 18080)
    local is_krb5="established mech=krb5 mics=0 confirmed=1"
    local is_ntlm="established mech=ntlmssp mics=1 confirmed=1"
    row ok "ours > Apache: Kerberos, asked" "200 sent=2 $is_krb5 persistent=0 user=user@RIG.TEST page=hello" "${ours[@]}" /each/page mutual
    row ok "ours > Apache: Kerberos, unasked" "200 sent=1 $is_krb5 persistent=0 user=user@RIG.TEST page=hello" "${ours[@]}" /each/page mutual unasked
    row ok "ours > Apache: Kerberos, two pages, each by itself" \
        "200 sent=2 $is_krb5 persistent=0 user=user@RIG.TEST page=hello"$'\n'"200 sent=1 $is_krb5 persistent=0 user=user@RIG.TEST page=hello" \
        "${ours[@]}" /each/page requests=2
    row ok "ours > Apache: Kerberos, two pages on a bound connection" \
        "200 sent=2 $is_krb5 persistent=1 user=user@RIG.TEST page=hello"$'\n'"200 sent=1 $is_krb5 persistent=1 user=user@RIG.TEST page=hello" \
        "${ours[@]}" /bound/page requests=2
    row ok "ours > Apache: Kerberos, a page that there is not" "404 sent=2 $is_krb5 persistent=0 user=user@RIG.TEST page=*" "${ours[@]}" /each/nothing
    row ok "ours > Apache: NTLM on a bound connection, two pages" \
        "200 sent=3 $is_ntlm persistent=1 user=$ntlm_name page=hello"$'\n'"200 sent=1 $is_ntlm persistent=1 user=$ntlm_name page=hello" \
        "${no_ticket[@]}" "${ours[@]}" /bound/page requests=2
    row ok "ours > Apache: NTLM alone allowed, Kerberos offered first" "200 sent=* $is_ntlm persistent=1 user=$ntlm_name page=hello" "${ours[@]}" /ntlm/page
    row gap "ours > Apache: NTLM where each request is authenticated by itself: it does not go on" "401 sent=2 REJECTED *HTTP_REFUSED*" \
        "${no_ticket[@]}" "${ours[@]}" /each/page
    row ok "ours > Apache: NTLM, wrong password" "401 sent=3 REJECTED *" "${wrong[@]}" "${ours[@]}" /bound/page
    row ok "ours > Apache: no credentials" "401 sent=1 NO_MECH *" "${nobody[@]}" "${ours[@]}" /bound/page
    row ok "ours > Apache: raw Kerberos" "200 sent=2 established mech=krb5 mics=0 confirmed=1 * page=hello" "${ours[@]}" /each/page bare krb5 mutual
    row ok "ours > Apache: no authentication is asked for" "200 sent=1 unasked user= page=hello" "${ours[@]}" /open
}

of_ours() {
    local client=("$rig/http_client" srv.rig.test)
    site bound
    row ok "ours > ours: Kerberos, three pages" \
        "200 sent=2 established mech=krb5 * persistent=1 * page=$as_krb5 body=0"$'\n'"200 sent=1 *"$'\n'"200 sent=1 *" \
        "${client[@]}" "$port" / requests=3 mutual
    row ok "ours > ours: NTLM" "200 sent=3 established mech=ntlmssp mics=1 * page=$as_ntlm body=0" "${no_ticket[@]}" "${client[@]}" "$port" /
    row ok "ours > ours: raw NTLM is refused" "401 sent=2 REJECTED *" "${client[@]}" "$port" / bare ntlm
    site bound bare
    row ok "ours > ours: raw NTLM where it is taken" "200 sent=3 established mech=ntlmssp * page=user=$ntlm_name mech=ntlmssp mics=0 bare=1 *" \
        "${client[@]}" "$port" / bare ntlm
    site proxy bound
    row ok "ours > ours: a proxy" "200 sent=2 established mech=krb5 * page=$as_krb5 *" "${client[@]}" "$port" / proxy
    row ok "ours > ours: a proxy, NTLM" "200 sent=3 established mech=ntlmssp mics=1 * page=$as_ntlm *" "${no_ticket[@]}" "${client[@]}" "$port" / proxy
}

of_curl
of_curl_otherwise
of_browsers
of_python
of_apache
of_ours
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
