# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Clients of smbd, with a tap between: smbclient, impacket (Python) and rclone (Go).  Sourced by run.sh.

# shellcheck source=smbd.sh
. "$here/smbd.sh"

# Kerberos logins end in a refusal (there is no unix account of that name), after the token that is wanted.
list_share() {
    timeout 20 smbclient -s "$rig/smbd/smb.conf" -p "$tap_port" //svc.rig.test/share "$@" -c ls >>"$rig/clients.log" 2>&1 ||
        true
}
product[smbclient]="Samba smbclient $(debian smbclient)"
call[smbclient init]="SMB2 SESSION_SETUP"

tap smbclient-krb5 smb 14445 smbclient smbd
list_share -U "user@RIG.TEST%$user_password" --use-kerberos=desired
keep 1 smbd-hints "smbd: NegTokenInit2 in the SMB2 NEGOTIATE response, both Kerberos OIDs, NTLM, negHints" \
    "init mechs=mskrb5,krb5,ntlm hints"
keep 2 smbclient-krb5-2-init "smbclient: both Kerberos OIDs and NTLM offered, AP-REQ in mechToken" \
    "init mechs=mskrb5,krb5,ntlm token=ap-req"

product[impacket]="impacket $(debian python3-impacket)"
call[impacket init]="SMB2 SESSION_SETUP"
log_in() { timeout 30 /usr/bin/python3 "$here/impacket_client.py" "$tap_port" "$1" >>"$rig/clients.log" 2>&1 || true; }

# It asks for the protocol twice, so the acceptor's hints are tokens 1 and 2.
tap impacket-ntlm smb 14445 impacket smbd
log_in ntlm
keep 3 impacket-ntlm-3-init "impacket: NTLM offered alone, NEGOTIATE_MESSAGE in mechToken" "init mechs=ntlm token=ntlm-1"
keep 5 impacket-ntlm-5-resp-authenticate "impacket: AUTHENTICATE_MESSAGE in a NegTokenResp that holds nothing else" \
    "resp token=ntlm-3"

tap impacket-krb5 smb 14445 impacket smbd
kvno -q cifs/svc.rig.test
KRB5CCNAME="$rig/ccache" log_in krb5
keep 3 impacket-krb5-3-init "impacket: Kerberos offered as 1.2.840.48018.1.2.2 alone, AP-REQ in mechToken" \
    "init mechs=mskrb5 token=ap-req"

product[rclone]="rclone $(debian rclone)"
call[rclone init]="SMB2 SESSION_SETUP"
tap rclone-ntlm smb 14445 rclone smbd
timeout 30 rclone --config /dev/null lsf \
    ":smb,host=127.0.0.1,port=$tap_port,user=nobody,pass=$(rclone obscure nobodypw):share" >>"$rig/clients.log" 2>&1 || true
keep 2 rclone-ntlm-2-init "rclone: NTLM offered alone, NEGOTIATE_MESSAGE in mechToken" "init mechs=ntlm token=ntlm-1"
keep 4 rclone-ntlm-4-resp-authenticate "rclone: AUTHENTICATE_MESSAGE with mechListMIC, accept-incomplete" \
    "resp state=accept-incomplete token=ntlm-3 mic"
