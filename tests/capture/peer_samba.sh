# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Samba's gensec, both sides: sourced by run.sh.

sam="$rig/samba/private/sam.ldb" conf="$rig/samba/etc/smb.conf"
{
    samba-tool domain provision --server-role=standalone --targetdir="$rig/samba" --realm=RIG.TEST --domain=RIGDOM \
        --host-name=rigsrv --host-ip=127.0.0.1 --adminpass=Adm1n.pass --dns-backend=NONE 2>&1
    samba-tool domain passwordsettings set --complexity=off --min-pwd-length=3 -H "$sam" --configfile="$conf"
    samba-tool user create "$ntlm_user" "$ntlm_password" -H "$sam" --configfile="$conf"
} >"$rig/provision.log"
sed -i "s|^\(\s*log file = \).*|\1$rig/samba.log|" "$conf"

init_ntlm="samba --conf $conf --user $ntlm_user%$ntlm_password"
init_krb5="samba --conf $conf --krb5 $KRB5CCNAME"
accept_ntlm="samba --conf $conf --sam $sam"
accept_krb5="samba --conf $conf --krb5-password $service_password"

exchange samba-krb5 "$init_krb5" "$accept_krb5"
keep 1 samba-krb5-1-init "Samba initiator: both Kerberos OIDs, the one of MS-SPNG first, AP-REQ in mechToken" \
    "init mechs=mskrb5,krb5 token=ap-req"
keep 2 samba-krb5-2-resp "Samba acceptor: accept-completed with AP-REP, supportedMech 1.2.840.48018.1.2.2" \
    "resp state=accept-completed mech=mskrb5 token=ap-rep"

exchange mit-ms-krb5 "$init_krb5" 'mit-svc --mechs krb5'
keep 2 mit-ms-krb5-2-resp "MIT acceptor: accept-completed with AP-REP, supportedMech 1.2.840.48018.1.2.2" \
    "resp state=accept-completed mech=mskrb5 token=ap-rep"

exchange heimdal-ms-krb5 "$init_krb5" 'heimdal-svc'
keep 2 heimdal-ms-krb5-2-resp "Heimdal acceptor: accept-completed with AP-REP, supportedMech 1.2.840.48018.1.2.2" \
    "resp state=accept-completed mech=mskrb5 token=ap-rep"

exchange samba-ntlm "$init_ntlm" "$accept_ntlm"
keep 1 samba-ntlm-1-init "Samba initiator: NTLM offered alone, NEGOTIATE_MESSAGE in mechToken" \
    "init mechs=ntlm token=ntlm-1"
keep 2 samba-ntlm-2-resp-challenge "Samba acceptor: accept-incomplete with the NTLM CHALLENGE_MESSAGE" \
    "resp state=accept-incomplete mech=ntlm token=ntlm-2"
keep 3 samba-ntlm-3-resp-authenticate "Samba initiator: AUTHENTICATE_MESSAGE and mechListMIC, no negState" \
    "resp token=ntlm-3 mic"
keep 4 samba-ntlm-4-resp-mic "Samba acceptor: accept-completed with its mechListMIC (NTLM)" \
    "resp state=accept-completed mic"

# Nothing optimistic: the first token only lists the mechanisms.
no_optimistic='--option spnego:client_no_optimistic=yes'
exchange samba-no-mechtoken "$init_krb5 $no_optimistic" "$accept_krb5"
keep 1 samba-no-mechtoken-1-init "Samba initiator: a list of mechanisms and no mechToken" "init mechs=mskrb5,krb5"
keep 2 samba-no-mechtoken-2-resp "Samba acceptor: accept-incomplete with supportedMech only" \
    "resp state=accept-incomplete mech=mskrb5"
keep 3 samba-no-mechtoken-3-resp "Samba initiator: AP-REQ in a NegTokenResp that holds nothing else" "resp token=ap-req"
keep 4 samba-no-mechtoken-4-resp-mic "Samba acceptor: supportedMech repeated in its second reply, AP-REP and mechListMIC" \
    "resp state=accept-incomplete mech=mskrb5 token=ap-rep mic"
keep 5 samba-no-mechtoken-5-resp-mic "Samba initiator: mechListMIC in a NegTokenResp that holds nothing else" "resp mic"
keep 6 samba-no-mechtoken-6-resp "Samba acceptor: accept-completed alone, after the last mechListMIC" \
    "resp state=accept-completed"

exchange mit-no-mechtoken "$init_krb5 $no_optimistic" 'mit-svc --mechs krb5'
keep 4 mit-no-mechtoken-4-resp "MIT acceptor: accept-completed with AP-REP in its second reply, no supportedMech" \
    "resp state=accept-completed token=ap-rep"

exchange samba-reselect-ntlm 'mit-ntlm --mechs krb5,ntlm --target host@svc.rig.test --flags mutual,integ,conf' \
    "$accept_ntlm --option gensec:gssapi_krb5=no"
keep 4 samba-reselect-ntlm-4-resp "Samba acceptor: NTLM CHALLENGE_MESSAGE in its second reply, supportedMech repeated" \
    "resp state=accept-incomplete mech=ntlm token=ntlm-2"

exchange samba-hints "$init_ntlm" "$accept_ntlm" --acceptor-first
keep 1 samba-hints-ntlm "Samba acceptor given an empty token: NegTokenInit2 with NTLM and negHints" \
    "init mechs=ntlm hints"
