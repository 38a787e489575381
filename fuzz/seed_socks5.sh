# Seeds of the targets of SOCKS 5, for fuzz/seed.sh.  Settings are six octets, socks5.c: levels,
# script of the mechanism, lie, options, failing allocation, max_token.  Then moves.
# shellcheck shell=sh disable=SC2154 # what seed.sh has set

# What the peer sends in a session of vectors/carriers/ for this role, as it stands.
socks5_sessions() { # client|server
    cat "$vectors"/carriers/socks5-*.txt | awk -v role="$1" '
    function value(c) { return index("0123456789abcdef", tolower(c)) - 1 }
    function octal(n) { return sprintf("\\0%03o", n) }
    function say(    n, i) {
        while (num > 0) {
            n = num > 255 ? 255 : num
            moves = moves octal(7) octal(n)
            for (i = 1; i <= n; i++) moves = moves octal(octet[first++])
            num -= n
        }
        first = 1
    }
    function take(text,    c, word, times) {
        while (text != "") {
            c = substr(text, 1, 1)
            if (c == " ") { text = substr(text, 2); continue }
            if (c == "\047") {
                for (text = substr(text, 2); (c = substr(text, 1, 1)) != "\047" && c != ""; text = substr(text, 2))
                    octet[++num] = index(ascii, c) + 31
                text = substr(text, 2)
                continue
            }
            octet[++num] = value(c) * 16 + value(substr(text, 2, 1))
            text = substr(text, 3)
            if (match(text, /^[*][0-9]+/)) {
                times = substr(text, 2, RLENGTH - 1)
                text = substr(text, RLENGTH + 1)
                if (times > 300) times = 300
                while (--times > 0) { octet[num + 1] = octet[num]; num++ }
            }
        }
    }
    function finish(    script, n) {
        say()
        if (mine && moves != "") {
            script = integ ? 0 : 16
            script += (conf ? 0 : 32) + (mutual ? 0 : 64) + (empty ? 128 : 0)
            for (n = 0; n < 5 && (script + n) % 5 != legs - 1; n++) {}
            print octal(level + 4 * least) octal(script + n) octal(0) octal(options) octal(0) octal(0) moves
        }
        moves = ""; mine = level = least = options = integ = conf = mutual = empty = 0; legs = 2; first = 1; num = 0
    }
    BEGIN { for (i = 32; i < 127; i++) ascii = ascii sprintf("%c", i) }
    /^title/ { finish() }
    /^  role/ { mine = $2 == role }
    /^  legs/ { legs = $2 }
    /^  level/ { level = $2 }
    /^  min_level/ { least = $2 }
    /^  flags/ { integ = /INTEG/; conf = /CONF/; mutual = /MUTUAL/; empty = /EMPTY/ }
    /^  socks5_options/ {
        options = /GREETING/ + 2 * /SPNEGO/ + 4 * /NEC/ + 8 * /NO_PROTECTION/ + 16 * /DELEGATE/ + 32 * /UDP/
    }
    /^log/ { in_log = 1 }
    /^script/ { in_log = 0 }
    in_log { next }
    /^  < / { say(); take(substr($0, 5)); more = 1; next }
    /^  [.][.][.] / && more { take(substr($0, 7)); next }
    { more = 0 }
    END { finish() }'
}

socks5_talks() {
    data=$(octal 3 5 104 101 108 108 111 8 0 3 97 98 99 8 1 1 97 9 1 2 97 98 67 2 1 2 4 1 97)
    for options in 0 4 8 12 32; do
        for script in 0 1 2 3 4 17 33 65 129; do
            for level in 0 1 2 3 5 6 10 128; do
                for asked in 1 2 3 0; do
                    talk "$(octal $level $script 0 $options 0 0 0 0 2 $asked)$data\\0012"
                done
            done
        done
    done
    for lie in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 17 19 33 35 74; do
        talk "$(octal 0 1 $lie 0 0 0 0 2 2)$data"
        talk "$(octal 0 2 $lie 0 0 0 0 0 2 2)$data"
    done
    for allocation in 1 2 3 4 5 6 7 8; do
        talk "$(octal 0 1 0 0 $allocation 0 0 2 2)$data"
        talk "$(octal 0 1 0 1 $allocation 0 6 0 2 2)$data"
    done
    talk "$(octal 0 1 0 0 0 3 0 2 2)$data"                # a low max_token
    talk "$(octal 0 2 0 0 0 0 0 0 2 2)$data"              # a third token, or that the server is ready
    talk "$(octal 0 1 0 1 0 0 6 0 2 2)$data\\0013"         # greeting, and closing at the end
    for how in 130 131 132; do
        talk "$(octal 0 1 0 0 0 0 0 $how 2 5 1)$data"
    done
    for octets in '13 1 3 0 0' '13 1 2 0 0' '13 5 1 0 0' '13 1 4 0 0' '13 1 1 0 0' '5' '10' '11' '12 2 1 3'; do
        # shellcheck disable=SC2086 # numbers
        talk "$(octal 0 1 0 0 0 0 $octets)"
        # shellcheck disable=SC2086
        talk "$(octal 0 1 0 0 0 0 0 $octets)"
        # shellcheck disable=SC2086
        talk "$(octal 0 1 0 0 0 0 0 2 2 $octets)"
    done
    for session in $(socks5_sessions "${target#socks5_}"); do
        talk "$session"
    done
}

socks5_talks
