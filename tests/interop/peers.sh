# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Who is met, and how each is started: sourced by run.sh.  The way to start Samba, Java and .NET is that of
# tests/capture; here each is a program that can also sign and seal.

# What tests/capture does with its peers, and we do not.
exchange() { :; }
keep() { :; }

declare -A command usual product call
peers=$here

# build NAME PACKAGE ARGUMENT...: a program over the GSS library of that pkg-config package.
build() {
    local name=$1 package=$2
    shift 2
    # shellcheck disable=SC2046,SC2086 # the flags are words
    $CC -std=c11 $CFLAGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$root/include" -o "$rig/$name" \
        $(pkg-config --cflags "$package") "$here/peer.c" "$@" $(pkg-config --libs "$package")
}

build_gss_peers() {
    build ours-mit krb5-gssapi "$here/our_peer.c" "$here/mech_gss.c" "$library"
    build ours-heimdal heimdal-gssapi -DHEIMDAL "$here/our_peer.c" "$here/mech_gss.c" "$library"
    build mit krb5-gssapi "$here/gss_peer.c"
    build heimdal heimdal-gssapi -DHEIMDAL "$here/gss_peer.c"
}

# Passwords and keys that are wrong; and how Samba names a user in NTLM who has a ticket as well.
more_credentials() {
    echo ":user@RIG.TEST:$user_password" >>"$rig/ntlm-users"
    echo "$user_password" | kinit -l 1s -c "$rig/expired" user@RIG.TEST >/dev/null
    printf 'RIGDOM:%s:not-%s\n' "$ntlm_user" "$ntlm_password" >"$rig/ntlm-wrong"
    # The service of $rig/svc-keytab with keys that no ticket was made for.
    printf '%s\n' "addent -password -p host/svc.rig.test@RIG.TEST -k 1 -e aes256-cts-hmac-sha1-96" wrongpw \
        "addent -password -p host/srv.rig.test@RIG.TEST -k 1 -e aes256-cts-hmac-sha1-96" wrongpw \
        "wkt $rig/wrong-keytab" quit | ktutil >/dev/null
}

# Each of these sources how tests/capture starts a peer and prints what matrix.py is to know of it.
samba_peers() {
    command[samba]="/usr/bin/python3 $here/gensec_peer.py"
    # shellcheck source=../capture/peer_samba.sh
    . "$capture/peer_samba.sh" >&2
    local ntlm=${accept_ntlm#samba} krb5=${accept_krb5#samba}
    echo "samba-krb5 init: ${command[samba]}${init_krb5#samba}"
    echo "samba-krb5 accept: ${command[samba]}$krb5"
    echo "samba-wrong accept: ${command[samba]}$krb5-not"
    echo "samba-both init: ${command[samba]} --conf $conf --user user%$user_password --domain RIG.TEST --krb5 kinit"
    echo "samba-wrong init: ${command[samba]}${init_ntlm#samba}-not"
    echo "samba-ntlm init: ${command[samba]}${init_ntlm#samba}"
    echo "samba-ntlm accept: ${command[samba]}$ntlm --option gensec:gssapi_krb5=no"
}

java_peers() {
    # shellcheck source=../capture/peer_java.sh
    . "$capture/peer_java.sh" >&2
    # Short-lived: what the compiler would gain it does not earn back.  Without files in /tmp that are named by
    # process number, which two runs may share; and what the machine has to say is not for standard output.
    local line=${command[java]/#java/java -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+DisplayVMOutputToStderr}
    line=${line//$'\n'/ }
    echo "java: $line"
    sed "s|$rig/keytab|$rig/wrong-keytab|" "$rig/jaas.conf" >"$rig/jaas-wrong.conf"
    echo "java-wrong: ${line/jaas.conf/jaas-wrong.conf}"
}

dotnet_peers() {
    # shellcheck source=../capture/peer_dotnet.sh
    . "$capture/peer_dotnet.sh" >&2
    echo "dotnet: ${command[dotnet]}"
    echo "dotnet-both: ${command[dotnet]} --user user --domain RIG.TEST --password $user_password"
    echo "dotnet-ntlm: ${command[dotnet-alone]} --user user --domain RIG.TEST --password $user_password"
    echo "dotnet-wrong: ${command[dotnet-alone]} --user user --domain RIG.TEST --password not-$user_password"
}

# smbd and smbclient, by way of SMB2.  smbd wants a unix account for whoever logs in.
smb_peers() {
    local name
    if ! grep -q ' 4294967295$' /proc/self/uid_map; then # a namespace in which there is one user
        for name in smbd smbclient; do echo "$name! smbd changes its user, so root is needed"; done
        return
    fi
    cp /etc/passwd "$rig/passwd"
    for name in user "$ntlm_user"; do
        grep -q "^$name:" "$rig/passwd" || echo "$name:x:65533:65533::/nonexistent:/usr/sbin/nologin" >>"$rig/passwd"
    done
    mount --bind "$rig/passwd" /etc/passwd
    # shellcheck source=../capture/smbd.sh
    . "$capture/smbd.sh" >&2
    printf '%s\n%s\n' "$ntlm_password" "$ntlm_password" |
        pdbedit -s "$rig/smbd/smb.conf" -a -t "$ntlm_user" >"$rig/smbd/pdbedit.log"
    echo "smbd: /usr/bin/python3 $here/smb2_peer.py --port 14445"
    local client="smbclient -s $rig/smbd/smb.conf -p {port} -m SMB2_10 --option=clientsigning=required
        //svc.rig.test/share -c exit"
    client="/usr/bin/python3 $here/smb2_peer.py --client '${client//$'\n'/ }"
    echo "smbclient-krb5: $client --use-kerberos=required'"
    echo "smbclient-both: $client --use-kerberos=desired -U RIG.TEST/user%$user_password'"
    echo "smbclient-ntlm: $client --use-kerberos=off -U RIGDOM/$ntlm_user%$ntlm_password'"
    echo "smbclient-wrong: $client --use-kerberos=off -U RIGDOM/$ntlm_user%not-$ntlm_password'"
}

# Prints the file that matrix.py reads.
peers_start() {
    local name installed=(samba java smb) waiting=()
    if dotnet --list-sdks 2>/dev/null | grep -q '^[1-9][0-9]'; then
        installed+=(dotnet)
    else
        echo "dotnet! there is no .NET SDK of version 10 or later, and Debian has none"
    fi
    for name in "${installed[@]}"; do
        "${name}_peers" >"$rig/$name.peers" 2>"$rig/$name.err" &
        waiting+=("$!")
    done
    build_gss_peers >&2
    more_credentials
    for name in ours-mit ours-heimdal mit heimdal; do
        echo "$name: $rig/$name"
    done
    echo "@svc: env KRB5_KTNAME=FILE:$rig/svc-keytab"
    echo "@wrong-key: env KRB5_KTNAME=FILE:$rig/wrong-keytab"
    echo "@wrong-password: env NTLM_USER_FILE=$rig/ntlm-wrong"
    echo "@no-keytab: env KRB5_KTNAME=FILE:$rig/no-keytab"
    echo "@no-ticket: env KRB5CCNAME=FILE:$rig/no-ccache"
    echo "@expired: env KRB5CCNAME=FILE:$rig/expired"
    # MIT's mechanisms without gss-ntlmssp.
    echo "@no-ntlmssp: unshare --mount sh -c 'mount -t tmpfs none /etc/gss/mech.d && exec \"\$@\"' sh"
    for name in "${installed[@]}"; do
        if wait "${waiting[0]}"; then
            cat "$rig/$name.peers"
        elif [ "$name" = dotnet ]; then
            echo "dotnet! its SDK does not build the peer here: $(tail -n 1 "$rig/$name.err")"
        else
            echo "peers.sh: $name did not start: $(tail -n 1 "$rig/$name.err")" >&2
            return 1
        fi
        waiting=("${waiting[@]:1}")
    done
}
