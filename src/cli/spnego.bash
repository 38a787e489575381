# Completion of spnego(1) for bash: as bash-completion's file of that name, or sourced.
# shellcheck shell=bash
_spnego() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words
    # bash takes --from=hex for three words.
    if [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    elif [ "$word" = = ]; then
        word=
    fi
    COMPREPLY=()
    case $command:$before in
    *:--from) words="auto raw hex base64 header lines pcap nns socks5 xmpp" ;;
    *:--as) words="initiator acceptor" ;;
    decode:--format) words="text json pyspnego" ;;
    *:--format) words="text json" ;;
    *:--color) words="auto always never" ;;
    *:--tolerate)
        words="LONG_LENGTH LONG_OID_LENGTH TRAILING_BYTES UNTRIMMED_REQ_FLAGS MALFORMED_REQ_FLAGS FRAMED_RESP
            UNFRAMED_INIT FIELD_ORDER MISSING_MECH_TYPES EMPTY_MECH_TYPES UNKNOWN_NEG_STATE INTEROPERABLE ALL NOTHING"
        ;;
    encode:--to) words="raw hex base64" ;;
    *:--to) words="raw hex base64 vector" ;;
    *:-d | *:--directory | *:--vectors)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    *:-t | *:--text | *:-j | *:--jobs) return ;;
    *)
        case $command:$word in
        "$word:"*) words="decode lint replay extract encode explain --help --version" ;;
        decode:-*) words="-t --from --as --strict --tolerate --format --pretty --redact --color -j --jobs --as-vector --help" ;;
        lint:-*) words="-t --from --as --strict --tolerate --format --pretty --redact --color -j --jobs --help" ;;
        replay:-*) words="-t --from --format --pretty --redact --help" ;;
        extract:-*) words="-t --from --to -d --help" ;;
        encode:-*) words="-t --to --help" ;;
        explain:-*) words="--list --vectors --help" ;;
        explain:*) words=$("${COMP_WORDS[0]}" explain --list 2>/dev/null | awk '{ sub(/:/, "", $3); print $3 }') ;;
        *)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        esac
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _spnego spnego
