#!/bin/sh
# The house rules that a machine can check:  tests/lint/lint.sh BUILD
set -u
build=$1
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { # WHAT: the lines of $work/out are the faults
    if [ -s "$work/out" ]; then
        sed "s|^|lint: $1: |" "$work/out" >&2
        bad=1
    fi
}

codec=$(ls src/base/*.[ch] src/der/*.[ch] src/token/*.[ch])
library="$codec $(ls src/nego/*.[ch] src/carrier/*.[ch])"
ours=$(git ls-files --cached --others --exclude-standard '*.c' '*.h' | grep -v '^generated/')

# shellcheck disable=SC2046,SC2086
awk -f tests/lint/layers.awk $(ls src/*/*.[ch]) >"$work/out"
fail "layers"

# Only the bridges, which declare what they need, the stand-in and the tests know that generated/
# exists.
types=$(ls generated generated/kerberos | sed -n 's/\.h$//p' | paste -sd '|')
grep -nE "#include \"($types)\.h\"" src/*/*.[ch] include/spnego/*.h >"$work/out"
fail "generated/ is for the stand-in alone"

# NEG-10: the library does no input or output, reads no clock, has no locale, and allocates only where a host
# gave no allocator: nego/host.c.
# shellcheck disable=SC2046,SC2086
grep -nE '#include <(stdio|stdlib|time|errno|locale|unistd|signal|pthread)\.h>|\b(malloc|calloc|realloc|free|alloca|abort|assert|printf|getenv) *\(' \
    $(echo $library | sed 's|src/nego/host\.c||') >"$work/out"
fail "not in the library"

# A comparison of secrets in a time that depends on them, unbounded copies.
grep -nE '\b(strcpy|strcat|sprintf|gets|strtok|alloca)\b *\(' src/*/*.c >"$work/out"
fail "not in src/"

# No function pointers in the codec: what it calls can be read off the page.
# shellcheck disable=SC2086
grep -nE '\(\*[a-z_]+\) *\(' $codec >"$work/out"
fail "function pointer in the codec"

# The negotiation calls mechanisms and hosts from these three files, and the stream from loop.c.
# shellcheck disable=SC2046
grep -nE '(ops|host|io)(->|\.)[a-z_]+ *\(' $(ls src/nego/*.c | grep -vE '/(mech|host|event|loop)\.c') \
    >"$work/out"
fail "calls out of the library from elsewhere than mech.c, host.c, event.c and loop.c"

# Carriers stand on the public interface, and on the buffer.
grep -nE '#include "(der|token|nego)/' src/carrier/*.[ch] | grep -v 'nego/buffer\.h"' >"$work/out"
fail "carriers include public headers and nego/buffer.h"

# Writable data in the library is global state.  Tables with addresses in them are constant after
# relocation (.data.rel.ro).
for object in "$build"/src/base/*.o "$build"/src/der/*.o "$build"/src/der/asn1c/*.o \
    "$build"/src/token/*.o "$build"/src/nego/*.o "$build"/src/carrier/*.o \
    "$build"/generated/*.o "$build"/generated/kerberos/*.o "$build"/src/inspect/krb5*.o; do
    size -A "$object" | awk -v f="$object" '($1 ~ /^\.data($|\.rel$|\.rel\.local$)/ || $1 ~ /^\.bss/) && $2 > 0 {print f ": " $1 " has " $2 " octets"}'
done >"$work/out"
fail "global state"

# No call leads back to itself (SPN-58).
python3 -B tests/lint/recursion.py "$build"/src/base/*.o "$build"/src/der/*.o "$build"/src/der/asn1c/*.o \
    "$build"/src/token/*.o "$build"/src/nego/*.o "$build"/src/carrier/*.o >"$work/out" 2>&1
fail "recursion"

# Only spnego_* leaves, from the archive and from the shared library, and it is what symbols.txt says.
nm -g --defined-only "$build/libspnego.a" | awk 'NF == 3 {print $3}' | sort >"$work/archive"
nm -D --defined-only "$build/libspnego.so.0" | awk 'NF == 3 {print $3}' | sort >"$work/shared"
diff tests/lint/symbols.txt "$work/archive" >"$work/out"
fail "exports of libspnego.a (< tests/lint/symbols.txt, > archive)"
diff tests/lint/symbols.txt "$work/shared" >"$work/out"
fail "exports of libspnego.so (< tests/lint/symbols.txt, > library)"
grep -v '^spnego_' "$work/archive" >"$work/out"
fail "exported, not spnego_"

# Every public header alone, as C99, C11 and C++98.
for header in include/spnego/*.h; do
    name="spnego/$(basename "$header")"
    printf '#include <%s>\n#include <%s>\ntypedef int not_empty;\n' "$name" "$name" >"$work/alone.c"
    cp "$work/alone.c" "$work/alone.cc"
    for standard in c99 c11; do
        cc -std=$standard -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude \
            -fsyntax-only "$work/alone.c"
    done
    if command -v c++ >/dev/null; then
        c++ -std=c++98 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$work/alone.cc"
    else
        echo "lint: note: no C++ compiler, the headers were not tried as C++98" >&2
    fi
done >"$work/out" 2>&1
fail "header alone"

# shellcheck disable=SC2086
clang-format --dry-run --Werror $(ls src/*/*.[ch] src/der/asn1c/*.c tests/*.[ch] tests/*/*.[ch] \
    fuzz/*.[ch] include/spnego/*.h 2>/dev/null | grep -v -e rules.h -e oid.h) >"$work/out" 2>&1
fail "format"

cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
    -Iinclude -Isrc -Isrc/der/asn1c -Igenerated src >"$work/out" 2>&1
fail "cppcheck"

# Nothing unfinished, nothing of a machine or a package host.
git grep -nIE '(^|[^a-zA-Z0-9_.])/(wor[k]|hom[e]|roo[t])/|https?://[a-z.]*(debia[n]|npmj[s]|nuge[t]|pyp[i])[.](org|com)' -- . >"$work/out"
fail "names a machine or a package host"
# shellcheck disable=SC2086
grep -nE 'TOD[O]|FIXM[E]|XX[X]' $ours Makefile >"$work/out"
fail "unfinished"

for script in $(git ls-files '*.sh'); do
    sh -n "$script" 2>/dev/null || bash -n "$script"
done >"$work/out" 2>&1
fail "shell"

[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
