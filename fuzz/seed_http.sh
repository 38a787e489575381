# Seeds of the targets of HTTP, for fuzz/seed.sh.
# shellcheck shell=sh disable=SC2154 # what seed.sh has set

# Sessions of HTTP: settings, options and what is forgiven, then operations as http_peer.h has them.
http_sessions() {
    case $target in
    http_client) options="0 1 2 4 8 9" ;;
    *) options="0 1 16 17 48 64" ;;
    esac
    for side in $(settings); do
        for option in $options; do
            talk "$side$(octal "$option" 0 6 0 0 0 0 0 7 5 3 0 0 0 0)"
            talk "$side$(octal "$option" 4 3 0 4 0 4 0 4 0 4 6 5 0 0 0)"
        done
    done
    # In each place of a conversation, each kind of field with each code.
    for before in '' '\0006' '\0003' '\0006\0000' '\0000\0000'; do
        for kind in 0 1 2 3 5 6 7 9 11 13 15 16 20 27; do
            for code in 0 1 2 3 4 128; do
                talk "$plain$(octal 0 0)$before$(octal 2 $code 1 $kind 4 0 116 114 117 101)$(octal 0 0)"
                talk "$plain$(octal 9 1)$before$(octal 2 $code 2 $kind 3 0 89 81 61 3 0 0)$(octal 0 0)"
            done
        done
        for place in 0 3 9 12 20 40; do
            talk "$plain$(octal 0 0)$before$(octal 1 $place 0 4 0 0)"
        done
    done
}

# The values of header fields in the scripts of vectors/carriers/, what stands for base64 replaced.
http_values() {
    for file in "$vectors"/carriers/http-*.txt; do
        sed -n '/^script/,/^log/{s/{.*}/oQcwBaADCgEC/g; s/ | /\n/g; p}' "$file" |
            sed -n 's/^[^:]*: \(.*\)/\1/p' | while IFS= read -r value; do
            printf %s "$value" >"$seed"
            keep
        done
    done
}

case $target in
http_header) http_values ;;
*) http_sessions ;;
esac
