# Completion of spnego(1) for bash: as bash-completion's file of that name, or sourced.
# shellcheck shell=bash
_spnego() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words
    COMPREPLY=()
    case $before in
    --from) words="auto raw hex base64 header lines pcap nns socks5 xmpp" ;;
    --as) words="initiator acceptor" ;;
    --format)
        words="text json"
        [ "$command" != decode ] || words="$words pyspnego"
        ;;
    --color) words="auto always never" ;;
    --to) words="raw hex base64 vector" ;;
    -d | --vectors)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    -t | --text | -j | --jobs | --tolerate) return ;;
    *)
        case $command:$word in
        "$word:"*) words="decode lint replay extract encode explain --help --version" ;;
        decode:-*) words="-t --from --as --strict --tolerate --format --pretty --redact --color --jobs --as-vector --help" ;;
        lint:-*) words="-t --from --as --strict --tolerate --format --pretty --redact --color --jobs --help" ;;
        replay:-*) words="-t --from --format --pretty --redact --help" ;;
        extract:-*) words="-t --from --to -d --help" ;;
        encode:-*) words="-t --to --help" ;;
        explain:-*) words="--list --vectors --help" ;;
        explain:*) words=$(spnego explain --list 2>/dev/null | awk '{ sub(/:/, "", $3); print $3 }') ;;
        *)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        esac
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _spnego spnego
