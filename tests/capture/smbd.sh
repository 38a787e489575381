# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Samba's file server on port 14445, users by NTLM only: sourced by peer_smbd.sh.

mkdir -p "$rig/smbd" "$rig/share"
cat >"$rig/smbd/smb.conf" <<CONF
[global]
    workgroup = RIGDOM
    netbios name = RIGSRV
    realm = RIG.TEST
    server role = standalone server
    interfaces = 127.0.0.1
    smb ports = 14445
    disable netbios = yes
    disable spoolss = yes
    passdb backend = tdbsam:$rig/smbd/passdb.tdb
    private dir = $rig/smbd
    lock directory = $rig/smbd
    state directory = $rig/smbd
    cache directory = $rig/smbd
    pid directory = $rig/smbd
    ncalrpc dir = $rig/smbd/ncalrpc
    log file = $rig/smbd/log
    kerberos method = dedicated keytab
    dedicated keytab file = FILE:$rig/svc-keytab
    client min protocol = SMB2
[share]
    path = $rig/share
CONF
# pdbedit wants a unix account of that name.
printf 'nobodypw\nnobodypw\n' | pdbedit -s "$rig/smbd/smb.conf" -a -t nobody >"$rig/smbd/pdbedit.log"
# On its end smbd signals its whole process group, so it gets one of its own.
setsid smbd -F --no-process-group -s "$rig/smbd/smb.conf" >"$rig/smbd/out" 2>&1 &
serve 14445 "$!"

product[smbd]="Samba smbd $(debian samba)"
call[smbd accept]="SMB2 NEGOTIATE and SESSION_SETUP"
