#!/bin/sh
# Tells what reading and writing a token costs:  tests/bench/bench.sh BENCH BENCH_AS_SHIPPED
#
# Both programs are bench.c; the first is linked with asn1c's runtime without its debugging code,
# the second with it as the package ships it.  Instructions are counted by callgrind, as the
# difference of two numbers of repetitions, so that starting the program costs nothing; they are
# the same in every run on one machine.  Times are not.
#
# Fails if programs disagree about the octets, if the library allocates, or if decode costs more
# for a longer mechanism token than its length octets account for.
#
# BENCH_OUT, if set, names a file for the figures alone, one to a line:
#     OPERATION CASE UNIT NUMBER
set -eu
bench=$1
shipped=$2
figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
few=100
many=600

if ! command -v valgrind >/dev/null; then
    echo "bench.sh: needs valgrind, to count instructions (Debian: apt-get install valgrind)" >&2
    exit 1
fi
"$bench" check
"$shipped" check

count() { # PROGRAM OPERATION CASE N
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" once "$2" "$3" "$4" 2>&1 |
        sed -n 's/.*Collected : *//p'
}

per_operation() { # PROGRAM OPERATION CASE
    echo $((($(count "$1" "$2" "$3" $many) - $(count "$1" "$2" "$3" $few)) / (many - few)))
}

cases=$("$bench" list | sed -n 's/^case //p')
put() { echo "$1 $2 $3 $4" >>"$figures"; }

for case in $cases; do
    loop=$(per_operation "$bench" nothing "$case")
    for op in encode encode-token decode stock-encode stock-decode; do
        put $op "$case" instructions $(($(per_operation "$bench" $op "$case") - loop))
        put $op "$case" nanoseconds "$("$bench" time $op "$case")"
        put $op "$case" allocations "$("$bench" allocations $op "$case")"
    done
    for op in stock-encode stock-decode; do
        put $op-as-shipped "$case" instructions $(($(per_operation "$shipped" $op "$case") - loop))
        put $op-as-shipped "$case" nanoseconds "$("$shipped" time $op "$case")"
        put $op-as-shipped "$case" allocations "$("$shipped" allocations $op "$case")"
    done
done
# Figures to beat, not measured here: MIT krb5's codec, allocations included.
cat >>"$figures" <<END
mit-quoted-encode init-3-mechs-40 instructions 1427
mit-quoted-encode init-1-mech-1600 instructions 1838
mit-quoted-encode resp-200-mic instructions 1142
mit-quoted-decode init-3-mechs-40 instructions 3791
mit-quoted-decode init-1-mech-1600 instructions 3039
mit-quoted-decode resp-200-mic instructions 1693
END

awk '
{ value[$1, $2, $3] = $4 }
function row(title, op, unit,   i, line) {
    line = sprintf("%-40s", "  " title)
    for (i = 1; i <= num; i++)
        line = line sprintf("%18s", (op, name[i], unit) in value ? value[op, name[i], unit] : "-")
    print line
}
function table(title, unit) {
    line = sprintf("%-40s", title)
    for (i = 1; i <= num; i++)
        line = line sprintf("%18s", name[i])
    print line
    row("encode, from OIDs", "encode", unit)
    row("encode, MechTypeList at hand", "encode-token", unit)
    row("asn1c der_encode", "stock-encode", unit)
    row("asn1c der_encode, as shipped", "stock-encode-as-shipped", unit)
    if (unit == "instructions")
        row("MIT krb5 (quoted, not measured here)", "mit-quoted-encode", unit)
    row("decode", "decode", unit)
    row("asn1c ber_decode and free", "stock-decode", unit)
    row("asn1c ber_decode and free, as shipped", "stock-decode-as-shipped", unit)
    if (unit == "instructions")
        row("MIT krb5 (quoted, not measured here)", "mit-quoted-decode", unit)
    print ""
}
END {
    num = split("'"$(echo $cases)"'", name, " ")
    table("instructions per operation", "instructions")
    table("nanoseconds per operation (noisy)", "nanoseconds")
    table("heap allocations per operation", "allocations")
    print "Copying counts: of a token of 65,536 octets, up to one instruction an octet is memcpy,"
    print "which the decoder, giving views, does not do."
}' "$figures"

if [ -n "${BENCH_OUT:-}" ]; then
    cp "$figures" "$BENCH_OUT"
fi
# Five headers stand around the mechanism token.  Around the long one each has a length of two to
# four octets in place of one, and is read by the path for such lengths; of the token itself,
# 65,496 octets longer, nothing is read.
awk '
$1 ~ /^(encode|encode-token|decode)$/ && $3 == "allocations" && $4 != 0 {
    print "bench.sh: " $1 " of " $2 " allocates" >"/dev/stderr"; bad = 1 }
$1 == "decode" && $3 == "instructions" { cost[$2] = $4 }
END {
    growth = cost["init-1-mech-65536"] - cost["init-1-mech-40"]
    print "decode: " growth " instructions more for 65,536 octets of mechanism token than for 40"
    if (growth < 0 || growth > 5 * 100) {
        print "bench.sh: that is more than five long lengths cost" >"/dev/stderr"
        bad = 1 }
    growth = cost["init-1-mech-65536"] - cost["init-1-mech-1600"]
    if (growth < 0 || growth > 5 * 12) {
        print "bench.sh: decode costs " growth " instructions more for 65,536 octets than for 1,600" >"/dev/stderr"
        bad = 1 }
    exit bad
}' "$figures"
