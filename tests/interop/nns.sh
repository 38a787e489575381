#!/bin/bash
# Our MS-NNS against System.Net.Security.NegotiateStream, as client and as server.
#
#   make interop-nns                      or, with a library that is built:
#   tests/interop/nns.sh LIBSPNEGO.a [WORD]
#
# WORD: those rows alone that hold it.  A row is "ok", "FAIL" or "gap" and what it is about; the last line is
# "N passed, N failed".  RIG_KEEP=1 leaves the private directory: in it the handshake of each row (*.trace), and what
# each side said.
#
# Everything happens in a private directory and in namespaces of our own, as in run.sh.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
capture=$here/../capture
root=$here/../..
packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev gss-ntlmssp gcc pkg-config)

# shellcheck source=../capture/rig.sh
. "$capture/rig.sh"

# Outside: install, run this script again inside.
if [ -z "${RIG_INSIDE:-}" ]; then
    [ -f "${1:-}" ] || { echo "nns.sh: which libspnego.a? (make interop-nns knows)" >&2; exit 2; }
    if ! dotnet --list-sdks 2>/dev/null | grep -q '^[1-9][0-9]'; then
        echo "not run  NegotiateStream: there is no .NET SDK of version 10 or later, and Debian has none"
        echo "0 passed, 0 failed"
        exit 0
    fi
    install_packages "${packages[@]}"
    enter_rig ASAN_OPTIONS=detect_leaks=0 CC="${CC:-cc}" CFLAGS="${CFLAGS:--O2 -g}" "$here/nns.sh" \
        "$(realpath "$1")" "${@:2}"
    exit
fi

# ---- Inside: the realm and the two programs ------------------------------------------------------

library=$1 only=${2:-}
settle_in
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_HOME="$rig"

# shellcheck source=../capture/realm.sh
. "$capture/realm.sh"
realm_start >"$rig/realm.log" 2>&1 || { echo "nns.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }
# shellcheck disable=SC2154 # realm.sh
printf 'RIG.TEST:user:not-%s\n' "$user_password" >"$rig/ntlm-wrong"
printf '%s\n' "addent -password -p host/srv.rig.test@RIG.TEST -k 1 -e aes256-cts-hmac-sha1-96" wrongpw \
    "wkt $rig/wrong-keytab" quit | ktutil >/dev/null

# shellcheck disable=SC2046,SC2086 # the flags are words
$CC -std=c11 $CFLAGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$root/include" -o "$rig/ours" \
    $(pkg-config --cflags krb5-gssapi) "$here/nns_peer.c" "$here/mech_gss.c" "$library" \
    $(pkg-config --libs krb5-gssapi)
cp -r "$here/dotnet_nns" "$rig/dotnet"
# No build servers that would outlive the build.
timeout 300 dotnet build "$rig/dotnet" -c Release -o "$rig/dotnet/out" -nodeReuse:false -p:UseSharedCompilation=false \
    >"$rig/dotnet.log" 2>&1 || {
    echo "not run  NegotiateStream: its SDK does not build the peer here: $(grep -m 1 error "$rig/dotnet.log")"
    echo "0 passed, 0 failed"
    exit 0
}
sed 's/"configProperties": {/&"System.Net.Security.UseManagedNtlm": true,/' \
    "$rig/dotnet/out/dotnet_nns.runtimeconfig.json" >"$rig/dotnet/managed.json"

# Ours; .NET over the GSS-API of the machine; .NET's own SPNEGO; and the same where it finds no GSS library, and does NTLM
# by itself.
gss_library=$(ldconfig -p | sed -n 's/.*libgssapi_krb5\.so\.2 .*=> //p' | head -n 1)
managed="dotnet exec --runtimeconfig $rig/dotnet/managed.json $rig/dotnet/out/dotnet_nns.dll"
cat >"$rig/alone" <<ALONE
#!/bin/sh
exec unshare --mount sh -c 'mount --bind /dev/null $gss_library && exec "\$@"' sh $managed "\$@"
ALONE
chmod +x "$rig/alone"
declare -A side=(
    [ours]="$rig/ours"
    [dotnet]="dotnet exec $rig/dotnet/out/dotnet_nns.dll"
    [managed]="$managed"
    [alone]="$rig/alone"
)
user="--user user --domain RIG.TEST --password $user_password"
no_ticket="KRB5CCNAME=FILE:$rig/none"
# How each is told that it has NTLM alone.
as_user="NTLM_USER_FILE=$rig/ntlm-user $no_ticket"
printf 'RIG.TEST:user:%s\n' "$user_password" >"$rig/ntlm-user"

# ---- Rows ------------------------------------------------------------------------------------------

passed=0 failed=0 port=20000 gap=

# gap REASON: the row that follows is what the peer cannot do, and how that ends.
gap() { gap=$1; }

# row TITLE  CLIENT-LINE  SERVER-LINE  CLIENT-SAYS  SERVER-SAYS
#
# A line is the name of a side and options, with words NAME=VALUE of the environment before it.  What a side says at
# its end must begin with the words given, and "*" in them stands for anything.
row() {
    local title=$1 verdict=ok reason=$gap client server tries=0
    gap=
    case "$title" in *"$only"*) ;; *) return 0 ;; esac
    port=$((port + 1))
    : >"$rig/$port.server"
    start server "$3" >>"$rig/$port.server" 2>"$rig/$port.server.err" &
    local pid=$!
    until grep -q ready "$rig/$port.server" || [ $tries -gt 200 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    start client "$2" >"$rig/$port.client" 2>"$rig/$port.client.err" || true
    wait "$pid" || true
    client=$(tail -n 1 "$rig/$port.client")
    server=$(tail -n 1 "$rig/$port.server")
    # shellcheck disable=SC2053 # patterns
    if [[ $client == $4* && $server == $5* ]]; then
        passed=$((passed + 1))
        [ -z "$reason" ] || verdict=gap
        echo "$verdict  $title: $client | $server${reason:+  ($reason)}"
    else
        failed=$((failed + 1))
        echo "FAIL  $title ($port): $client | $server"
        tail -n 3 "$rig/$port.client.err" "$rig/$port.server.err"
    fi
}

start() { # ROLE LINE
    local role=$1 words=() environment=() trace=()
    read -ra words <<<"$2"
    while [[ ${words[0]} == *=* ]]; do
        environment+=("${words[0]}")
        words=("${words[@]:1}")
    done
    [ "${words[0]}" != ours ] || trace=(--trace "$rig/$port.trace")
    # shellcheck disable=SC2086 # the command is words
    timeout 60 env "${environment[@]}" ${side[${words[0]}]} "$role" "$port" "${words[@]:1}" "${trace[@]}"
}

# Several MB each way: eighty messages.
large="--octets 5000000"
encrypt="--level encrypt $large" sign="--level sign $large" none="--level none $large"
no_mic="after mechListMICs its NTLM does not begin anew, MS-SPNG 3.3.5.1"
always="MIT krb5 gives confidentiality unasked, and both sides have it"

row "krb5 encrypt: dotnet > ours" "dotnet $encrypt" "ours $encrypt" "complete level=encrypt" "complete level=encrypt mech=krb5"
row "krb5 encrypt: managed > ours" "managed $encrypt" "ours $encrypt" "complete level=encrypt" "complete level=encrypt mech=krb5"
row "krb5 encrypt: ours > dotnet" "ours $encrypt" "dotnet $encrypt" "complete level=encrypt mech=krb5" "complete level=encrypt"
gap "$always"
row "krb5 sign: dotnet > ours" "dotnet $sign" "ours $sign" "complete level=encrypt" "complete level=encrypt mech=krb5"
gap "$always"
row "krb5 sign: managed > ours" "managed $sign" "ours $sign" "complete level=encrypt" "complete level=encrypt mech=krb5"
gap "$always"
row "krb5 sign: ours > dotnet" "ours $sign" "dotnet $sign" "complete level=encrypt mech=krb5" "complete level=encrypt"
row "krb5, identification: ours > dotnet" "ours --impersonation identification" "dotnet" "complete" "complete"
row "krb5, identification: dotnet > ours" "dotnet --impersonation identification" "ours" "complete" "complete"
row "krb5, channel bindings: dotnet > ours" "dotnet --bind text" "ours --bind text" "complete" "complete"

row "ntlm encrypt: dotnet > ours" "$as_user dotnet $encrypt" "ours --mechs ntlm $encrypt" "complete level=encrypt" "complete level=encrypt mech=ntlmssp"
row "ntlm encrypt: ours > dotnet" "$as_user ours --mechs ntlm $encrypt" "dotnet $encrypt" "complete level=encrypt mech=ntlmssp" "complete level=encrypt"
row "ntlm sign: dotnet > ours" "$as_user dotnet $sign" "ours --mechs ntlm $sign" "complete level=sign" "complete level=sign mech=ntlmssp"
row "ntlm sign: ours > dotnet" "$as_user ours --mechs ntlm $sign" "dotnet $sign" "complete level=sign mech=ntlmssp" "complete level=sign"
gap "$no_mic"
row "ntlm encrypt: alone > ours" "alone $user $encrypt" "ours --mechs ntlm $encrypt" "failure level=encrypt" "failure MECH_FAILED"
row "ntlm after krb5: dotnet > ours" "$no_ticket dotnet $user $encrypt" "ours --mechs ntlm $encrypt" "complete level=encrypt" "complete level=encrypt mech=ntlmssp"
gap "it takes no change of mechanism"
row "ntlm after krb5: managed > ours" "$no_ticket managed $user $encrypt" "ours --mechs ntlm $encrypt" "failure level=-" "failure NNS_PEER_ERROR code=SEC_E_INTERNAL_ERROR"

row "none: dotnet > ours" "$no_ticket dotnet $user $none" "ours $none" "complete level=none" "complete level=none mech=ntlmssp bare"
row "none: ours > dotnet" "$as_user ours $none" "dotnet $none" "complete level=none mech=ntlmssp bare" "complete level=none"
gap "its NTLM agrees on signing, and its data is not signed"
row "none: alone > ours" "alone $user $none" "ours $none" "failure level=none" "failure NNS_PAYLOAD_TOO_LONG"

row "wrong password: dotnet > ours" "NTLM_USER_FILE=$rig/ntlm-wrong $no_ticket dotnet" "ours --mechs ntlm" "failure level=-*" "failure MECH_FAILED code=SEC_E_*"
row "wrong password: alone > ours" "alone --user user --domain RIG.TEST --password wrong" "ours --mechs ntlm" "failure level=-*" "failure MECH_FAILED code=SEC_E_*"
row "wrong password: ours > dotnet" "NTLM_USER_FILE=$rig/ntlm-wrong $no_ticket ours --mechs ntlm" "dotnet" "failure NNS_PEER_ERROR code=SEC_E_*" "failure level=-*"
row "wrong password, none: ours > dotnet" "NTLM_USER_FILE=$rig/ntlm-wrong $no_ticket ours --level none" "dotnet --level none" "failure NNS_PEER_ERROR code=SEC_E_*" "failure level=-*"
row "wrong password, code twice: dotnet > ours" "NTLM_USER_FILE=$rig/ntlm-wrong $no_ticket dotnet" "ours --mechs ntlm --twice yes" "failure level=- / InvalidCredentialException" "failure MECH_FAILED code=SEC_E_LOGON_DENIED"
row "server requires more, code twice: dotnet > ours" "$as_user dotnet --level sign" "ours --mechs ntlm --level encrypt --twice yes" "failure level=- / AuthenticationException" "failure NNS_PROTECTION_TOO_LOW code=ERROR_TRUST_FAILURE"
row "wrong key: dotnet > ours" "dotnet" "KRB5_KTNAME=FILE:$rig/wrong-keytab ours --mechs krb5" "failure level=-*" "failure MECH_FAILED code=SEC_E_*"
row "wrong key: ours > dotnet" "ours --mechs krb5" "KRB5_KTNAME=FILE:$rig/wrong-keytab dotnet" "failure NNS_PEER_ERROR code=SEC_E_*" "failure level=-*"
row "wrong channel bindings: dotnet > ours" "dotnet --bind text" "ours --mechs krb5 --bind other" "failure level=-*" "failure MECH_FAILED code=SEC_E_BAD_BINDINGS"
row "no ticket: ours > dotnet" "$no_ticket ours --mechs krb5" "dotnet" "failure MECH_LIST_EMPTY code=-" "failure level=-*"

row "server requires more: dotnet > ours" "$as_user dotnet --level sign" "ours --mechs ntlm --level encrypt" "failure level=-*" "failure NNS_PROTECTION_TOO_LOW code=ERROR_TRUST_FAILURE"
row "server requires more: ours > dotnet" "$as_user ours --mechs ntlm --level sign" "dotnet --level encrypt" "failure NNS_PEER_ERROR code=ERROR_TRUST_FAILURE" "failure level=-*"
row "server requires delegation: dotnet > ours" "dotnet" "ours --impersonation delegation" "failure level=-*" "failure NNS_IMPERSONATION_TOO_LOW code=ERROR_TRUST_FAILURE"
row "server requires delegation: ours > dotnet" "ours" "dotnet --impersonation delegation" "failure NNS_PEER_ERROR code=ERROR_TRUST_FAILURE" "failure level=-*"
row "delegation: ours > dotnet" "ours --impersonation delegation" "dotnet --impersonation delegation" "complete" "complete"
row "delegation: dotnet > ours" "dotnet --impersonation delegation" "ours --impersonation delegation" "complete" "complete"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
