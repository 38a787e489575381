# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# The peers that are met by others, and how an exchange between two of them becomes vector files: sourced by run.sh.

declare -A command usual product call
# The programs that are both sides of an exchange.
peers=$here/../interop

command[mit]="$rig/gss_peer_mit"
usual[mit]="--flags mutual,integ"
product[mit]="MIT krb5 $(debian libgssapi-krb5-2)"
call[mit init]="gss_init_sec_context"
call[mit accept]="gss_accept_sec_context"

command[mit-ntlm]="${command[mit]}"
usual[mit-ntlm]=${usual[mit]}
product[mit-ntlm]="MIT krb5 $(debian libgssapi-krb5-2) with gss-ntlmssp $(debian gss-ntlmssp)"
call[mit-ntlm init]="gss_init_sec_context"
call[mit-ntlm accept]="gss_accept_sec_context"

command[heimdal]="$rig/gss_peer_heimdal"
usual[heimdal]=${usual[mit]}
product[heimdal]="Heimdal $(debian libgssapi3-heimdal)"
call[heimdal init]="gss_init_sec_context"
call[heimdal accept]="gss_accept_sec_context"

# The keytab of the service that Samba's gensec is asked for.
for peer in mit heimdal; do
    command[$peer-svc]="env KRB5_KTNAME=FILE:$rig/svc-keytab ${command[$peer]}"
    product[$peer-svc]=${product[$peer]}
    call[$peer-svc accept]="gss_accept_sec_context"
done

command[samba]="/usr/bin/python3 $peers/gensec_peer.py"
product[samba]="Samba $(debian samba-libs)"
call[samba init]="gensec client"
call[samba accept]="gensec server"

# build_gss_peer NAME PACKAGE [FLAG...]: the peer over the GSS library of that pkg-config package.
build_gss_peer() {
    # shellcheck disable=SC2046 # the flags are words
    gcc -std=c11 -Wall -Wextra -Werror -o "$rig/$1" "${@:3}" $(pkg-config --cflags "$2") \
        "$peers/peer.c" "$peers/gss_peer.c" $(pkg-config --libs "$2")
}

# exchange NAME 'INITIATOR [options]' 'ACCEPTOR [options]' [--acceptor-first]
exchange() {
    exchange_dir="$rig/exchange/$1"
    initiator=${2%% *} acceptor=${3%% *}
    mkdir -p "$rig/exchange"
    timeout 120 /usr/bin/python3 "$here/converse.py" "$exchange_dir" \
        "${command[$initiator]} init ${usual[$initiator]:-} ${2#"$initiator"}" "${command[$acceptor]} accept ${3#"$acceptor"}" "${@:4}" \
        2>"$exchange_dir.err" || true
}

# tap NAME http|smb SERVER_PORT INITIATOR ACCEPTOR: until the next tap, what goes to $tap_port is that exchange.
tap_port=18090
tap() {
    exchange_dir="$rig/exchange/$1" initiator=$4 acceptor=$5
    tap_port=$((tap_port + 1))
    mkdir -p "$rig/exchange"
    /usr/bin/python3 "$here/wire_tap.py" "$2" "$tap_port" "$3" "$exchange_dir" 2>"$exchange_dir.err" &
    serve "$tap_port" "$!"
}

# keep NUMBER FILE TITLE SHAPE: the exchange's token of that number becomes FILE.txt, if it has that shape.
keep() {
    local token role sender other receiver other_role
    token=$(echo "$exchange_dir/$1".*)
    role=${token##*.}
    if [ ! -f "$token" ]; then
        echo "  not captured: $2: the exchange did not get that far: $(tail -n 1 "$exchange_dir/log" 2>/dev/null)"
        return 0
    fi
    if [ "$role" = init ]; then
        sender=$initiator other=$acceptor other_role=acceptor receiver=acceptor
    else
        sender=$acceptor other=$initiator other_role=initiator receiver=initiator
    fi
    local origin="${product[$sender]}, ${call[$sender $role]}"
    # A first token owes nothing to the other side; of that the upstream version is enough.
    if [ "$sender" != "$other" ] && [ "$1" != 1 ]; then
        # shellcheck disable=SC2001 # the pattern is more than a glob
        origin+=", with $(sed 's/ (Debian [^)]*)//g' <<<"${product[$other]}") as the $other_role"
    fi
    vector "$token" "$2" "$3" "$4" "$origin" "$receiver"
}

# vector TOKEN FILE TITLE SHAPE ORIGIN RECEIVER
vector() {
    local wrong
    wrong=$(/usr/bin/python3 "$here/vector.py" "$1" "$out/$2.txt" --title "$3" --shape "$4" --as "$6" --origin \
        "$5, captured $(date -u +%F) on loopback by tests/capture/run.sh; throw-away realm RIG.TEST" 2>&1) ||
        echo "  not captured: $2: $wrong"
}
