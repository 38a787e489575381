#!/bin/bash
# Our SASL against Cyrus SASL's, both mechanisms, both directions, each layer, over Kerberos; and a client of XMPP
# against Prosody.
#
#   make interop-sasl                     or, with libraries that are built:
#   tests/interop/sasl.sh LIBSPNEGO.a LIBSPNEGO-XMPP.a
#
# Prints a line a row, "ok", "FAIL" or "gap", and at the end "N passed, M failed".
set -eu

self=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$self/../.." && pwd)
packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev libsasl2-dev libsasl2-modules-gssapi-mit
    libexpat1-dev prosody prosody-modules lua-cyrussasl gcc make)

# shellcheck source=../capture/rig.sh
. "$self/../capture/rig.sh"

# Outside: install, run this script again inside.
if [ -z "${RIG_INSIDE:-}" ]; then
    [ -f "${2:-}" ] || { echo "sasl.sh: which libraries? (make interop-sasl knows)" >&2; exit 2; }
    install_packages "${packages[@]}"
    enter_rig CC="${CC:-cc}" CFLAGS="${CFLAGS:--O2 -g}" "$self/sasl.sh" "$(realpath "$1")" "$(realpath "$2")"
    exit
fi

settle_in
# shellcheck source=../capture/realm.sh
. "$self/../capture/realm.sh"
realm_start >"$rig/realm.log" 2>&1 || { cat "$rig/realm.log" >&2; exit 1; }

# shellcheck disable=SC2086 # the flags are words
$CC -std=c11 $CFLAGS -Wall -Wextra -I"$top/include" -o "$rig/sasl_peer" "$self/sasl/sasl_peer.c" "$self/mech_gss.c" \
    "$1" -lsasl2 -lgssapi_krb5

passed=0
failed=0
row() { # EXPECTED CLIENT SERVER MECHANISM LAYER [option ...]
    local expected=$1 said
    shift
    said=$(timeout 20 "$rig/sasl_peer" "$@" 2>&1) || true
    case $expected:$said in
    yes:ok:* | no:FAILED:*)
        passed=$((passed + 1))
        echo "ok    $*: $said"
        ;;
    *)
        failed=$((failed + 1))
        echo "FAIL  $*: $said"
        ;;
    esac
}

# GSS-SPNEGO with integrity alone is none of these: MIT's Kerberos can be kept from signing and encrypting, and not
# from encrypting alone, so the context decides for confidentiality.
for ends in "ours cyrus" "cyrus ours" "ours ours"; do
    for way in "GSSAPI none" "GSSAPI integrity" "GSSAPI confidentiality" "GSS-SPNEGO none" "GSS-SPNEGO confidentiality"; do
        # shellcheck disable=SC2086 # words
        for options in "" "none=initial" "none=success" "none=initial,success"; do
            row yes $ends $way $options
        done
    done
    # shellcheck disable=SC2086
    row yes $ends GSSAPI integrity maxbuf=2000
    # shellcheck disable=SC2086
    row yes $ends GSSAPI confidentiality maxbuf=2000
    # shellcheck disable=SC2086
    row yes $ends GSSAPI confidentiality authzid=other
    # shellcheck disable=SC2086
    row no $ends GSSAPI confidentiality authzid=root
done
echo "gap   GSS-SPNEGO integrity: no Kerberos here makes a context that signs and cannot encrypt"

# ---- XMPP: Prosody, which asks Cyrus SASL, and a client of ours -------------------------------

mkdir "$rig/data"
cat >"$rig/prosody.cfg.lua" <<CONF
run_as_root = true
pidfile = "$rig/prosody.pid"
data_path = "$rig/data"
log = { debug = "$rig/prosody.log" }
plugin_paths = { "/usr/lib/prosody/modules" }
modules_enabled = { "saslauth" }
modules_disabled = { "s2s", "tls", "posix" }
authentication = "cyrus"
cyrus_service_name = "xmpp"
cyrus_server_fqdn = "srv.rig.test"
c2s_require_encryption = false
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { 15222 }
VirtualHost "srv.rig.test"
CONF
{
    kadmin.local -r RIG.TEST -q "addprinc -randkey xmpp/srv.rig.test"
    kadmin.local -r RIG.TEST -q "ktadd -k $rig/keytab xmpp/srv.rig.test"
} >"$rig/realm.log" 2>&1
# shellcheck disable=SC2086 # the flags are words
$CC -std=c11 -D_DEFAULT_SOURCE $CFLAGS -Wall -Wextra -I"$top/include" -o "$rig/xmpp_client" \
    "$self/sasl/xmpp_client.c" "$self/mech_gss.c" "$2" "$1" \
    -lexpat -lgssapi_krb5
# It is not told to go into the background, and ends with us.
prosody --config "$rig/prosody.cfg.lua" -F >"$rig/prosody.out" 2>&1 &
started+=("$!")
for _ in $(seq 50); do
    ss -ltn | grep -q :15222 && break
    sleep 0.1
done
said=$(timeout 20 "$rig/xmpp_client" 15222 GSSAPI 2>&1 | tail -n 1) || true
case $said in
ok:*) passed=$((passed + 1)) && echo "ok    XMPP, our client to Prosody: $said" ;;
*) failed=$((failed + 1)) && echo "FAIL  XMPP, our client to Prosody: $said" ;;
esac
echo "gap   GSS-SPNEGO over XMPP: no server here is known to have it"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
