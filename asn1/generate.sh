#!/bin/sh
# Compiles asn1/spnego.asn1 into generated/ and asn1/kerberos.asn1 into generated/kerberos/, and
# writes nothing else.
#
# Only asn1c 0.9.28 will do: its output names its own version, other versions lay the tables out
# differently, and the result must be the same bytes on every machine.  It runs inside the folder
# because it copies the path of the module, as typed, into each file.
set -eu
cd "$(dirname "$0")/../generated"

version=$(asn1c -h 2>&1 | sed -n 's/^ASN.1 Compiler, v//p')
if [ "$version" != 0.9.28 ]; then
    echo "asn1/generate.sh: needs asn1c 0.9.28, found '${version:-none}'" >&2
    echo "on Debian: apt-get install asn1c" >&2
    exit 1
fi

compile() { # MODULE: into this folder
    rm -f ./*.c ./*.h
    # -R: the tables alone, without a copy of asn1c's runtime, which this project does not use.
    log=$(asn1c -R -fcompound-names -fincludes-quoted "$1" 2>&1) || {
        echo "$log" >&2
        exit 1
    }
    # GeneralString is read and written as octets; asn1c warns that it does not check its alphabet.
    if echo "$log" | grep -v 'GeneralString is not fully supported' | grep -i warning >&2; then
        exit 1
    fi
}

compile ../asn1/spnego.asn1
mkdir -p kerberos
cd kerberos
compile ../../asn1/kerberos.asn1
