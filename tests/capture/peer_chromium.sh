# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Chromium and Apache's mod_auth_gssapi, with a tap between: sourced by run.sh.

[ -x "$(command -v chromium)" ] || { echo "no chromium" >&2; exit 1; }
# shellcheck source=apache.sh
. "$here/apache.sh"
product[chromium]="Chromium $(debian chromium) over MIT krb5 $(debian libgssapi-krb5-2)"
call[chromium init]="Authorization header"

visit() {
    timeout 60 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$rig/profile" --no-first-run \
        --disable-background-networking --auth-server-allowlist='*' --dump-dom "http://srv.rig.test:$tap_port/" \
        >>"$rig/chromium.log" 2>&1 || true
}

tap chromium-krb5 http 18080 chromium apache
# The first start of a profile only notes that the site asked for Negotiate; a later one answers.
visit
visit
keep 1 chromium-krb5-1-init "Chromium: Kerberos and NTLM offered, AP-REQ in mechToken" "init mechs=krb5,ntlm token=ap-req"
