# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Apache with mod_auth_gssapi on port 18080: sourced by peer_http.sh and peer_chromium.sh.

export RIG="$rig" RIG_HTTP_PORT=18080
mkdir -p "$rig/site"
echo hello >"$rig/site/index.html"
# Apache's workers are another user, and these keys are worth nothing.
chmod -R a+rX "$rig/site" "$rig/keytab" "$rig/ntlm-users" "$rig/krb5.conf" && chmod a+x "$rig"
apache2 -DFOREGROUND -f "$here/apache.conf" >"$rig/apache.out" 2>&1 &
serve 18080 "$!"

product[apache]="Apache $(debian apache2-bin), mod_auth_gssapi $(debian libapache2-mod-auth-gssapi) over MIT krb5 $(debian libgssapi-krb5-2)"
call[apache accept]="WWW-Authenticate"
