# The last line: what a trouble that people ask about usually is.
vectors=$(dirname "$0")/../../vectors
# The sentence begins in the first column, and only the name of the input does besides.
say() {
    "$SPNEGO" decode "$@" | awk '/^[^ ]/ { line = $0; next } { sub(/^ +/, " "); line = line $0 }
        END { print line }'
}
# token TAG HEX...: with its length, which must be below 256.
token() {
    tag=$1 octets=$(shift && printf %s "$@" | tr -d ' ')
    n=$((${#octets} / 2))
    if [ $n -lt 128 ]; then printf '%s%02x%s' "$tag" $n "$octets"; else printf '%s81%02x%s' "$tag" $n "$octets"; fi
}
bytes() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
# error CODE [FIELD...]: KRB-ERROR.
error() {
    code=$1 && shift
    token 7e "$(token 30 a003020105 a10302011e a411180f32303236313132313133313634395a a503020105 \
        "a6030201$(printf %02x "$code")" a9031b0152 aa123010a003020102a10930071b057376632e78 "$@")"
}
for code in 6 7 12 13 14 18 23 24 25 27 29 31 32 33 34 35 36 37 41 44 45 46 50 52 60 62 66 68 69 70 72 75 85 86 91; do
    say -t "$(error $code)" | sed 's/.*octets)//'
done
# Windows says more beside it (MS-KILE 2.2.1), or instead (MS-NEGOEX 2.2.6.6).
for status in 340200c0 720000c0 010000c0 010203c0; do
    say -t "$(error 18 "ac1904173015a103020103a20e040c${status}0000000001000000")"
done
alert() {
    printf '4e45474f45585453 07000000 01000000 48000000 48000000 0102030405060708090a0b0c0d0e0f10'
    printf '5c33530deaf90d4db2ec4ae3786ec308 %s 000000000000000000000000' "$1"
}
say -t "$(alert 6d0000c0)"
say -t "$(alert 180400c0)"
# A reject with the reason, one without, and the ends that owe nothing or a MIC.
say -t "$(token a1 "$(token 30 a0030a0102 "$(token a2 "$(token 04 "$(error 41)")")")")"
say -t oQcwBaADCgEC
say -t oQcwBaADCgEA
say -t a10d300ba0030a0101a3040402cafe
say -t oQcwBaADCgED
# NTLM where Negotiate was offered, and what is wrong with its answer.
say -t "Negotiate TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAA="
say "$vectors/accept/ntlm-anonymous.txt"
say "$vectors/accept/ntlm-v1-response.txt"
say "$vectors/captured/mit-ntlm-3-resp-authenticate.txt"
(printf 'Authorization: Negotiate ' &&
    sed -n '/^hex$/,/^$/p' "$vectors/captured/mit-ntlm-3-resp-authenticate.txt" | sed 1d |
    bytes | base64 -w 0) >header
say header
# Who is asked for what, and how many characters it takes.
say "$vectors/kdc/mit-as-req-fast.txt"
say "$vectors/kdc/mit-tgs-req.txt"
say "$vectors/kdc/mit-tgs-rep.txt"
say "$vectors/captured/mit-krb5-1-init.txt"
for n in 6144 6145; do
    len=$((n - 8))
    (printf 'Authorization: Negotiate ' && (printf 'a182%04x3082%04xa282%04x0482%04x' $((n - 4)) $len $((len - 4)) $((len - 8)) |
        bytes && head -c $((n - 16)) /dev/zero) | base64 -w 0) >header
    say header
done
# Nothing of anyone where that is asked for.
say --redact "$vectors/kdc/mit-tgs-req.txt"
