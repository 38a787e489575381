# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# curl and Apache's mod_auth_gssapi, with a tap between: sourced by run.sh.

# shellcheck source=apache.sh
. "$here/apache.sh"
product[curl]="curl $(debian curl) over MIT krb5 $(debian libgssapi-krb5-2)"
call[curl init]="curl --negotiate"

fetch() { timeout 20 curl -s -o /dev/null --negotiate -u : "$@" "http://srv.rig.test:$tap_port/"; }

tap curl-krb5 http 18080 curl apache
fetch
keep 1 curl-krb5-1-init "curl: Kerberos and NTLM offered in an Authorization header, AP-REQ in mechToken" \
    "init mechs=krb5,ntlm token=ap-req"
keep 2 apache-krb5-2-resp "Apache: accept-completed with AP-REP in a WWW-Authenticate header" \
    "resp state=accept-completed mech=krb5 token=ap-rep"

tap curl-delegation http 18080 curl apache
fetch --delegation always
keep 1 curl-krb5-delegation-1-init "curl --delegation always: the AP-REQ carries a forwarded ticket" \
    "init mechs=krb5,ntlm token=ap-req"

tap curl-ntlm http 18080 curl apache
KRB5CCNAME="FILE:$rig/no-ccache" fetch
keep 2 apache-ntlm-2-resp-challenge "Apache: NTLM CHALLENGE_MESSAGE in a WWW-Authenticate header" \
    "resp state=accept-incomplete mech=ntlm token=ntlm-2"
keep 3 curl-ntlm-3-resp-authenticate "curl: AUTHENTICATE_MESSAGE with mechListMIC in an Authorization header" \
    "resp state=accept-incomplete token=ntlm-3 mic"
