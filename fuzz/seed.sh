#!/bin/sh
# Fills a fuzz target's corpus:  fuzz/seed.sh TARGET FOLDER
#
# from the `hex` blocks of vectors/*/*.txt, from the tokens of vectors/exchanges/, from fuzz/corpus/TARGET/minimised/, from
# fuzz/regressions/TARGET/, and for the targets of the negotiation from whole conversations.  TARGET
# is the name after fuzz_ and without .c.  Names of files are the hashes of their contents, so that
# the same seed comes once; conversations are numbered.
set -eu
target=$1
folder=$2
here=$(dirname "$0")
vectors=${SPNEGO_VECTORS:-$here/../vectors}
mkdir -p "$folder"
seed=$folder/.seed

keep() {
    mv "$seed" "$folder/$(sha1sum <"$seed" | cut -c1-40)"
}

# The octets of each hex block of a vector, one line of printf's octal escapes a block.
blocks() {
    awk '
    function value(c) { return index("0123456789abcdef", tolower(c)) - 1 }
    function done_() { if (inside && out != "") print out; inside = 0; out = "" }
    inside && /^[ \t]/ {
        sub(/#.*/, "")
        gsub(/[ \t\r]/, "")
        for (i = 1; i < length($0); i += 2)
            out = out sprintf("\\0%03o", value(substr($0, i, 1)) * 16 + value(substr($0, i + 1, 1)))
        next
    }
    /^#/ { next }
    { done_(); if ($0 ~ /^hex[ \t\r]*$/) inside = 1 }
    END { done_() }' "$1"
}

# The tokens of exchanges as blocks has them, and of those that hold the same and are as long the
# first, since what is within a mechanism's token is noise here.
exchanged() {
    awk '
    function value(c) { return index("0123456789abcdef", c) - 1 }
    function done_() {
        if (out != "" && !((what, length(out)) in seen)) print out
        seen[what, length(out)] = 1
        out = ""
    }
    FNR == 1 { done_(); inside = 0 }
    inside && /^  [0-9]/ { done_(); what = $0; sub(/^  [0-9]+ /, "", what); sub(/ [0-9a-f]+ /, " ", what); next }
    inside { for (i = 1; i <= NF; i++) out = out sprintf("\\0%03o", value(substr($i, 1, 1)) * 16 + value(substr($i, 2))) }
    /^tokens$/ { inside = 1 }
    END { done_() }' "$vectors"/exchanges/*.txt
}

# The octets of the arguments, which are numbers, as printf's octal escapes.
octal() {
    printf '\\0%03o' "$@"
}

seed_of() { # ESCAPES
    printf %b "$1" >"$seed"
    keep
}

# From where a Kerberos token begins: its OID, and the 60 two to four octets before it.
kerberos_of() { # ESCAPES
    printf '%s\n' "$1" | awk '{
        at = index($0, "\\0006\\0011\\0052\\0206\\0110\\0206\\0367\\0022\\0001\\0002\\0002\\000")
        for (back = 2; at > 0 && back <= 4; back++)
            if (substr($0, at - 5 * back, 5) == "\\0140") {
                print substr($0, at - 5 * back)
                exit
            }
    }'
}

# ---- Negotiations ---------------------------------------------------------------------------
#
# The settings of a side are twelve octets, negotiation.c: profile, options, list, script of Kerberos,
# what is different in the others', credentials, lie, where, failing allocation, limits, sizes,
# policy.  What follows is said in peer.h and fuzz_pair.c.

plain=$(octal 0 0 1 9 0 0 0 0 0 0 0 0) # Kerberos and NTLM, two legs, integrity

# A conversation; a process for each would take longer than running it.
number=0
talk() { # ESCAPES
    number=$((number + 1))
    printf %b "$1" >"$folder/conversation-$number"
}

# Settings, one a line: scripts in both profiles, then one thing at a time.
settings() {
    for script in 0 1 2 3 4 8 9 10 11 12 24 25 26 27 28 65 73 137; do
        octal 0 0 1 $script 0 0 0 0 0 0 0 0 && echo
        octal 1 0 1 $script 0 0 0 0 0 0 0 0 && echo
    done
    for option in 1 2 4 8 16 32 63; do
        octal 0 $option 1 9 0 0 0 0 0 0 0 0 && echo
        octal 1 $option 1 8 0 0 0 0 0 0 0 0 && echo
    done
    for list in 0 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        octal 0 0 $list 10 0 0 0 0 0 0 0 0 && echo
        octal 0 2 $list 10 0 0 0 0 0 0 0 0 && echo
    done
    for lie in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29; do
        octal 0 4 1 10 0 0 $lie 0 0 0 0 0 && echo
        octal 0 4 1 12 0 0 $lie 2 0 0 0 0 && echo
    done
    for script in 8 9 10 11 26; do
        octal 0 4 1 $script 0 0 13 0 0 0 0 0 && echo # each step takes its time
    done
    for allocation in 1 2 3 4 5 6 129 130 131 132; do
        octal 0 0 1 10 0 0 0 0 $allocation 0 56 0 && echo
    done
    for limits in 3 4 5 6 8 16 24 32 64 96 128; do
        octal 0 0 1 11 0 0 0 0 0 $limits 0 0 && echo
    done
    for sizes in 3 4 5 6 7 35 59 64 128 192; do
        octal 0 32 1 42 0 0 0 0 0 0 $sizes 0 && echo
    done
    for policy in 1 2 3 5 6 7 8 16; do
        octal 0 0 1 10 0 0 0 0 0 0 0 $policy && echo
    done
    octal 0 0 1 9 8 0 0 0 0 0 0 0 && echo  # NTLM without integrity
    octal 0 0 1 9 0 1 0 0 0 0 0 0 && echo  # no credential for Kerberos
    octal 0 0 1 9 0 3 0 0 0 0 0 0 && echo  # none at all
    octal 4 0 1 9 0 0 0 0 0 0 0 0 && echo  # the first is passed over
    octal 8 0 1 9 0 0 0 0 0 0 0 0 && echo  # attributes, lacking and not
    octal 24 0 1 9 0 0 0 0 0 0 0 0 && echo
    octal 2 0 1 9 0 0 0 0 0 0 0 0 255 7 255 7 && echo # every quirk and tolerance
}

# What the peer may begin with, one a line.
beginnings() {
    case $1 in
    initiator)
        octal 17 && echo                        # nothing, then its honest reply
        octal 17 2 3 16 && echo                 # request-mic
        octal 17 2 51 1 && echo                 # NTLM with request-mic
        octal 17 2 49 1 && echo                 # NTLM without
        octal 4 1 0 1 1 0 2 1 16 && echo        # hints
        octal 17 2 20 0 && echo                 # neither negState nor supportedMech
        octal 17 2 2 5 && echo                  # reject with an error token
        octal 17 2 96 0 && echo                 # Kerberos' old OID
        ;;
    acceptor)
        octal 3 1 0 1 0 0 && echo               # Kerberos, NTLM, with a token
        octal 3 1 0 1 16 0 && echo              # and a MIC
        octal 3 1 1 0 0 0 && echo               # NTLM, Kerberos
        octal 3 1 0 1 1 0 && echo               # without a token
        octal 3 2 6 3 1 6 1 1 0 65 && echo     # one that is unknown first
        octal 1 3 1 0 1 0 0 && echo             # hints are asked for
        octal 3 0 3 80 1 && echo                # MIC that repeats the token
        octal 3 0 6 1 0 && echo                 # nothing in common
        octal 131 1 0 1 0 0 9 && echo           # in pieces of ten octets
        ;;
    esac
}

conversations() {
    honest=$(octal 2 5 16 2 5 16 2 5 16 2 5 16)
    pieces=$(octal 0 32 1 10 0 0 0 0 0 0 0 0)
    cut=$(octal 130 5 16 9 130 5 16 0 130 5 16 4)
    all_settings=$(settings)
    for beginning in $(beginnings "$target"); do
        for side in $all_settings; do
            talk "$side$beginning$honest"
        done
        # Other ends than the honest one: each negState, token and MIC, and 4 for an octet changed.
        for fields in 0 1 2 3 4 149; do
            for body in 0 1 2 4 5 7 8 16 18 32 48 64 80 96 112 144; do
                talk "$plain$beginning$(octal 2 $fields $body 2 5 16)"
            done
        done
        for how in 66 130 162 34; do
            talk "$plain$beginning$(octal $how 5 16 9 0 4 2 5 16)"
            talk "$pieces$beginning$(octal $how 5 16 9 0 4 2 5 16)"
        done
        talk "$pieces$beginning$cut"
        talk "$plain$beginning$honest$(octal 8 5 6 7 1)"
    done
}

pairs() {
    untouched=$(octal 0 0 0 0 0 0 0 0)
    other_order=$(octal 0 0 2 9 0 0 0 0 0 0 0 0)
    for side in $(settings); do
        talk "\\0000$side$side$untouched"
        talk "\\0001$side$side$untouched"
        talk "\\0000$plain$side$untouched"
        talk "\\0000$side$other_order$untouched"
    done
    for how in 128 129 130 131 132 133 134 135 136 137 138 139 140 141 142 143; do
        for before in '' '\0000' '\0000\0000'; do
            for script in 8 9 10 26; do
                for list in 1 2; do
                    talk "\\0000$(octal 0 0 1 $script 0 0 0 0 0 0 0 0)$(octal \
                        0 0 $list $script 0 0 0 0 0 0 0 0)$before$(octal $how 0 3 2 1)"
                done
            done
        done
    done
}

# A token as one of the octets that a side is given, first and second.
raw_seeds() { # ESCAPES
    len=$((${#1} / 5))
    len=$(octal $((len % 256)) $((len / 256)))
    case $target in
    http_client) seed_of "$plain$(octal 0 0 3 2 0 1 2)$len$1" ;;
    http_server) seed_of "$plain$(octal 16 0 2 0 1 6)$len$1" ;;
    initiator) seed_of "$plain$(octal 17)\\0000$len$1" ;;
    acceptor) seed_of "$plain$(octal 3 1 0 1 0 0)\\0000$len$1" ;;
    pair) seed_of "\\0000$plain$plain\\0000\\0216$len$1" ;;
    esac
    case $target in
    pair) seed_of "\\0000$plain$plain\\0216$len$1" ;;
    http_*) ;;
    *) seed_of "$plain\\0000$len$1" ;;
    esac
}

# What follows a signature, of each message that has it; escapes have five characters an octet.
after_signature() { # ESCAPES SIGNATURE
    rest=$1
    while :; do
        case $rest in
        *"$2"*) rest=${rest#*"$2"} ;;
        *) return 0 ;;
        esac
        seed_of "$rest"
    done
}

# The seeds of a carrier's targets stand in a file of their own.
case $target in
initiator | acceptor) conversations ;;
pair) pairs ;;
nns_*) . "$here/seed_nns.sh" ;;
socks5_*) . "$here/seed_socks5.sh" ;;
http_*) . "$here/seed_http.sh" ;;
sasl | xmpp | xmpp_xml | base64) . "$here/seed_sasl.sh" ;;
capture | flow | exchange) . "$here/seed_capture.sh" ;;
esac
case $target in
nns_* | socks5_* | http_header | sasl | xmpp | xmpp_xml | base64 | capture | flow | exchange) takes_tokens=0 ;;
*) takes_tokens=1 ;;
esac

token_seeds() { # ESCAPES
    case $target in
    decode) # two octets of tolerances before the token: none, those of real peers, all
        for tolerate in '\0000\0000' '\0077\0000' '\0377\0007'; do
            seed_of "$tolerate$1"
        done
        ;;
    initiator | acceptor | pair | http_client | http_server) raw_seeds "$1" ;;
    ntlm) after_signature "$1" "$(octal 78 84 76 77 83 83 80 0)" ;;
    negoex) after_signature "$1" "$(octal 78 69 71 79 69 88 84 83)" ;;
    krb5) # and from where a Kerberos token begins in it, which has fewer lengths to keep right
        seed_of "$1"
        inner=$(kerberos_of "$1")
        [ -z "$inner" ] || seed_of "$inner"
        ;;
    *) seed_of "$1" ;;
    esac
}

[ $takes_tokens = 0 ] || exchanged | while read -r escapes; do token_seeds "$escapes"; done
for file in "$vectors"/accept/*.txt "$vectors"/reject/*.txt "$vectors"/captured/*.txt; do
    [ -e "$file" ] && [ $takes_tokens = 1 ] || continue
    blocks "$file" | while read -r escapes; do token_seeds "$escapes"; done
    case $target in
    input | source)
        cp "$file" "$seed"
        keep
        ;;
    esac
    if [ "$target" = source ]; then
        awk '/^[a-z]/ { inside = $0 == "source" } inside && /^[ \t]/' "$file" >"$folder/.source"
        cp "$folder/.source" "$seed"
        keep
        # And one that is wrong after it has given octets, some lines further.
        { cat "$folder/.source" && echo '[0] { ?'; } >"$seed"
        keep
        rm "$folder/.source"
    fi
done
for file in "$here/corpus/$target/minimised"/* "$here/regressions/$target"/*; do
    [ -e "$file" ] || continue
    cp "$file" "$seed"
    keep
done
