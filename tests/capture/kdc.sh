#!/bin/bash
# Captures what MIT krb5's clients and its KDC say to each other, one message a file.
#
#   tests/capture/kdc.sh [OUTDIR]         default: vectors/kdc
#
# It is no negotiation: these messages travel inside IAKERB tokens, and people paste them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=rig.sh
. "$here/rig.sh"

if [ -z "${RIG_INSIDE:-}" ]; then
    out=${1:-$here/../../vectors/kdc}
    mkdir -p "$out"
    out=$(cd "$out" && pwd)
    install_packages krb5-kdc krb5-admin-server krb5-user krb5-pkinit krb5-gss-samples openssl
    enter_rig REAL_HOST="$(hostname)" "$here/kdc.sh" "$out"
    exit
fi

out=$1
settle_in
# shellcheck source=realm.sh
. "$here/realm.sh"
# shellcheck source=record.sh
. "$here/record.sh"

# ---- The realm, with certificates and a tap ------------------------------------------------------

# certificate NAME USAGE KIND PRINCIPAL_PART...: NAME.pem and NAME.key, of the principal (RFC 4556 3.2.1, 3.2.4).
certificate() {
    {
        printf '[x]\nkeyUsage=digitalSignature\nextendedKeyUsage=1.3.6.1.5.2.3.%s\n' "$2"
        printf 'subjectAltName=otherName:1.3.6.1.5.2.2;SEQUENCE:n\n[n]\nrealm=EXP:0,GeneralString:RIG.TEST\n'
        printf 'name=EXP:1,SEQUENCE:p\n[p]\nkind=EXP:0,INTEGER:%s\nparts=EXP:1,SEQUENCE:s\n[s]\n' "$3"
        printf '%s\n' "${@:4}" | sed 's/.*/&=GeneralString:&/; s/^[^=]*=/p&/'
    } >"$rig/$1.cnf"
    openssl req -newkey rsa:2048 -nodes -keyout "$rig/$1.key" -out "$rig/$1.csr" -subj "/CN=$1"
    openssl x509 -req -in "$rig/$1.csr" -CA "$rig/ca.pem" -CAkey "$rig/ca.key" -CAcreateserial -out "$rig/$1.pem" \
        -days 30 -extfile "$rig/$1.cnf" -extensions x
}

prepare() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$rig/ca.key" -out "$rig/ca.pem" -days 30 -subj /CN=rig
    certificate kdc 5 2 krbtgt RIG.TEST
    certificate client 4 1 user
    realm_start
    stop_started
    started=()
    sed -i "s#key_stash_file#pkinit_identity = FILE:$rig/kdc.pem,$rig/kdc.key\n        pkinit_anchors = FILE:$rig/ca.pem\n        &#" "$KRB5_KDC_PROFILE"
    sed -i "s#default_realm.*#&\n    spake_preauth_groups = edwards25519#; s#:$kdc_port#:18889#" "$KRB5_CONFIG"
    kadmin.local -r RIG.TEST modprinc +requires_preauth user
    krb5kdc -n &
    serve "$kdc_port" "$!"
    mkdir "$rig/said" "$rig/gss"
    python3 "$here/kdc_tap.py" 18889 "$kdc_port" 4 "$rig/said" &
    serve 18889 "$!"
    kdestroy
}

prepare >"$rig/realm.log" 2>&1 || { echo "kdc.sh: the realm did not start" >&2; cat "$rig/realm.log" >&2; exit 1; }

# ---- What is asked -------------------------------------------------------------------------------

# said FOLDER NUMBER NAME TITLE SHAPE CALL: what passed there as that number becomes mit-NAME.txt.
said() {
    [ -f "$1/$2" ] || { echo "  not captured: $3: no message $2" >&2; return 0; }
    vector "$1/$2" "mit-$3" "$4" "$5" "MIT krb5 $(debian libkrb5-3), $6" initiator
    [ ! -f "$out/mit-$3.txt" ] || sed -i 's/tests.capture.run.sh/tests\/capture\/kdc.sh/; /^as  /d' "$out/mit-$3.txt"
}

# ask COMMAND...: what it says to the KDC is numbered from 1.
ask() {
    rm -f "$rig"/said/*
    "$@" >>"$rig/ask.log" 2>&1 || { echo "kdc.sh: failed: $*" >&2; tail -n 3 "$rig/ask.log" >&2; }
}

ask kinit -f user@RIG.TEST <<<"$user_password"
said "$rig/said" 2 error-preauth-required "A KDC wants pre-authentication, and says which it takes" \
    "krb-error padata=136,19,16,147,151,2,150,133" krb5kdc
said "$rig/said" 4 error-spake-challenge "A KDC's SPAKE challenge, in an error" "krb-error padata=151,133" krb5kdc
said "$rig/said" 5 as-req-spake "A client's answer to a SPAKE challenge" "as-req padata=133,151,150,149" kinit
ask kvno -q HTTP/srv.rig.test
said "$rig/said" 1 tgs-req "A client asks for a service's ticket, with FAST" "tgs-req padata=1,136" kvno
said "$rig/said" 2 tgs-rep "A KDC gives it, with FAST" "tgs-rep padata=136" krb5kdc
cp "$rig/ccache" "$rig/armor"
ask kinit -T "FILE:$rig/armor" user@RIG.TEST <<<"$user_password"
said "$rig/said" 2 error-fast "A KDC wants more, under FAST" "krb-error padata=136" krb5kdc
said "$rig/said" 5 as-req-fast "A client logs on under FAST, with its ticket as armor" "as-req padata=136" kinit
said "$rig/said" 6 as-rep-fast "A KDC's answer under FAST" "as-rep padata=136" krb5kdc
ask kinit -X "X509_user_identity=FILE:$rig/client.pem,$rig/client.key" -X "X509_anchors=FILE:$rig/ca.pem" user@RIG.TEST
said "$rig/said" 3 as-req-pkinit "A client logs on with a certificate" "as-req padata=133,16,150,149" kinit
said "$rig/said" 4 as-rep-pkinit "A KDC's answer, with Diffie-Hellman" "as-rep padata=17" krb5kdc
ask kinit -k -t "$rig/keytab" HTTP/srv.rig.test
ask kvno -q -U user HTTP/srv.rig.test
said "$rig/said" 3 tgs-req-s4u "A service asks for a ticket to itself for a user" "tgs-req padata=1,136,130,129" kvno

# ---- The same through a server -----------------------------------------------------------------

# Only the first token is kept, so nothing depends on how far the server gets.
gss-server -port 18891 host@srv.rig.test >"$rig/iakerb.log" 2>&1 &
serve 18891 "$!"
python3 "$here/kdc_tap.py" 18892 18891 5 "$rig/gss" 2>>"$rig/iakerb.log" &
serve 18892 "$!"
kdestroy 2>>"$rig/iakerb.log"
gss-client -port 18892 -mech '{ 1 3 6 1 5 2 5 }' -user user -pass "$user_password" srv.rig.test host@srv.rig.test hello \
    >>"$rig/iakerb.log" 2>&1 || true
# The sample's first message is empty.
said "$rig/gss" 2 iakerb-as-req "A client logs on through the server that it talks to" "iakerb as-req padata=150,149" \
    gss_init_sec_context

stop_started
echo "$(find "$out" -name '*.txt' | wc -l) messages in the folder"
