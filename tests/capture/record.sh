# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# The peers that are met by others, and how an exchange between two of them becomes vector files: sourced by run.sh.

declare -A command product call

# debian PACKAGE: "upstream (Debian full-version)", read from what is installed.
debian() {
    local full
    full=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || full=unknown
    local upstream=${full#*:}
    upstream=${upstream%-*}
    echo "${upstream%+dfsg} (Debian $full)"
}

command[mit]="$rig/gss_peer_mit"
product[mit]="MIT krb5 $(debian libgssapi-krb5-2)"
call[mit init]="gss_init_sec_context"
call[mit accept]="gss_accept_sec_context"

command[mit-ntlm]="${command[mit]}"
product[mit-ntlm]="MIT krb5 $(debian libgssapi-krb5-2) with gss-ntlmssp $(debian gss-ntlmssp)"
call[mit-ntlm init]="gss_init_sec_context"
call[mit-ntlm accept]="gss_accept_sec_context"

command[heimdal]="$rig/gss_peer_heimdal"
product[heimdal]="Heimdal $(debian libgssapi3-heimdal)"
call[heimdal init]="gss_init_sec_context"
call[heimdal accept]="gss_accept_sec_context"

# The keytab of the service that Samba's gensec is asked for.
for peer in mit heimdal; do
    command[$peer-svc]="env KRB5_KTNAME=FILE:$rig/svc-keytab ${command[$peer]}"
    product[$peer-svc]=${product[$peer]}
    call[$peer-svc accept]="gss_accept_sec_context"
done

command[samba]="/usr/bin/python3 $here/gensec_peer.py"
product[samba]="Samba $(debian samba-libs)"
call[samba init]="gensec client"
call[samba accept]="gensec server"

# exchange NAME 'INITIATOR [options]' 'ACCEPTOR [options]' [--acceptor-first]
exchange() {
    exchange_dir="$rig/exchange/$1"
    initiator=${2%% *} acceptor=${3%% *}
    mkdir -p "$rig/exchange"
    timeout 120 /usr/bin/python3 "$here/converse.py" "$exchange_dir" \
        "${command[$initiator]} init ${2#"$initiator"}" "${command[$acceptor]} accept ${3#"$acceptor"}" "${@:4}" \
        2>"$exchange_dir.err" || true
}

# serve PORT PID: wait until the daemon PID, which ends with this peer, listens on PORT.
serve() {
    local tries=0
    started+=("$2")
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -ge 100 ] || ! kill -0 "$2" 2>/dev/null; then
            echo "nothing listens on port $1" >&2
            return 1
        fi
        sleep 0.1
    done
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
