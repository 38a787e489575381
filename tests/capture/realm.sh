# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# The throw-away realm RIG.TEST: sourced by run.sh, which has made $rig (a private directory) and put us
# into network, mount and host-name namespaces of our own, so the ports are free and the name is rigsrv.

kdc_port=18888

# Passwords are worth nothing: the realm lives for one run.
user_password=userpw
service_password=svcpw
ntlm_user=ntuser
ntlm_password=ntpw

realm_files() {
    cat >"$rig/krb5.conf" <<CONF
[libdefaults]
    default_realm = RIG.TEST
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    ignore_acceptor_hostname = true
[realms]
    RIG.TEST = {
        kdc = 127.0.0.1:$kdc_port
    }
[domain_realm]
    .rig.test = RIG.TEST
CONF
    cat >"$rig/kdc.conf" <<CONF
[kdcdefaults]
    kdc_listen = 127.0.0.1:$kdc_port
    kdc_tcp_listen = 127.0.0.1:$kdc_port
[realms]
    RIG.TEST = {
        database_name = $rig/principal
        key_stash_file = $rig/stash
        acl_file = $rig/acl
    }
[logging]
    kdc = FILE:$rig/kdc.log
CONF
    # The first is who we are when nobody says otherwise; acceptors know both.
    printf '%s\n' "RIGDOM:$ntlm_user:$ntlm_password" "RIG.TEST:user:$user_password" >"$rig/ntlm-users"

    # Not a user's files and not this machine's: nothing outside the rig is read or changed.
    export KRB5_CONFIG="$rig/krb5.conf" KRB5_KDC_PROFILE="$rig/kdc.conf"
    export KRB5_KTNAME="FILE:$rig/keytab" KRB5CCNAME="FILE:$rig/ccache"
    export KRB5RCACHETYPE=none KRB5RCACHENAME=none:
    export NTLM_USER_FILE="$rig/ntlm-users" NETBIOS_COMPUTER_NAME=RIGSRV NETBIOS_DOMAIN_NAME=RIGDOM
}

realm_start() {
    realm_files
    local service commands="addprinc -pw $user_password user\n"
    # Keys from a password, so that who knows it can verify what was captured (tests/interop/mics_offline.py).
    for service in HTTP/srv.rig.test host/srv.rig.test cifs/srv.rig.test ldap/srv.rig.test; do
        commands+="addprinc -pw $service_password $service\nktadd -k $rig/keytab -norandkey $service\n"
    done
    # Samba's gensec derives this service's key from its password; the tickets carry no PAC, as the rig has no domain.
    commands+="addprinc -pw $service_password +no_auth_data_required host/svc.rig.test\n"
    commands+="addprinc -pw $service_password +no_auth_data_required cifs/svc.rig.test\n"
    commands+="ktadd -k $rig/svc-keytab -norandkey host/svc.rig.test cifs/svc.rig.test\n"
    kdb5_util create -s -r RIG.TEST -P masterpw
    # shellcheck disable=SC2059 # the commands are the format
    printf "$commands" | kadmin.local -r RIG.TEST
    krb5kdc -n &
    started+=("$!")
    local tries=0
    until echo "$user_password" | kinit -f user@RIG.TEST; do
        tries=$((tries + 1))
        [ "$tries" -lt 50 ] || return 1
        sleep 0.1
    done
}
