#!/bin/sh
# What `make install` puts somewhere is enough to build a program with, from the archive and from the
# shared library, by what the pkg-config file says; `make uninstall` leaves nothing.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make=${MAKE:-make}
lib=$root/usr/lib/triplet

run() { # TARGET
    $make --no-print-directory -s "$1" DESTDIR="$root" PREFIX=/usr LIBDIR=/usr/lib/triplet
}

# The value of KEY, its variables replaced, below $root.
value() { # KEY
    sed -n "s|^$1: ||p" "$lib/pkgconfig/spnego.pc" |
        sed "s|\${includedir}|$root/usr/include|; s|\${libdir}|$lib|"
}

run install
# shellcheck disable=SC2016
grep -q '^libdir=${prefix}/lib/triplet$' "$lib/pkgconfig/spnego.pc"
# shellcheck disable=SC2046
${CC:-cc} -std=c11 $(value Cflags) -o "$root/static" tests/examples/pair.c "$lib/libspnego.a"
# shellcheck disable=SC2046
${CC:-cc} -std=c11 $(value Cflags) -o "$root/shared" tests/examples/pair.c $(value Libs)
"$root/static" >"$root/static.log"
LD_LIBRARY_PATH=$lib "$root/shared" >"$root/shared.log"
cmp "$root/static.log" "$root/shared.log"
LD_LIBRARY_PATH='' "$root/usr/bin/spnego" --version | grep -qx "spnego $(value Version)"
run uninstall
rm "$root/static" "$root/shared" "$root/static.log" "$root/shared.log"
[ -z "$(find "$root" ! -type d)" ]
