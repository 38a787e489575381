#!/bin/sh
# Shows that the proof notices what it is for: takes out one check at a time, in a copy of the tree,
# and fails if the goals are all proven without it.
set -u
export TIMEOUT="${TIMEOUT:-20}"
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
silent=0

without() { # WHAT FILE PROVED-FILE FUNCTION SED-EXPRESSION
    rm -rf "$work/tree"
    mkdir "$work/tree"
    cp -r include src generated tests "$work/tree"
    sed -i "$5" "$work/tree/$2"
    if cmp -s "$2" "$work/tree/$2"; then
        echo "$1: the check to take out of $2 is not there" >&2
        silent=1
        return
    fi
    with=$(FUNCTIONS=$4 "$PWD/tests/proof/prove.sh" "$3" 2>/dev/null | tail -n 1)
    result=$(FUNCTIONS=$4 "$work/tree/tests/proof/prove.sh" "$3" 2>/dev/null | tail -n 1)
    echo "$4, $with; without $1, $result"
    # shellcheck disable=SC2086
    set -- $result
    [ "$3" != "$5" ] || silent=1
}

without "the check that contents fit their element" src/der/reader.h src/der/reader.c \
    der_enter 's/if (len > left - header)/if (0)/'
without "the check that a tag octet is there" src/der/reader.c src/der/reader.c \
    der_enter_slowly 's/if (r->pos == r->end)/if (0)/'
without "the check that length octets are there" src/der/reader.c src/der/reader.c \
    enter_length 's/if (num_octets > r->end - at - 1)/if (0)/'
without "the check that a long tag has an end" src/der/reader.c src/der/reader.c \
    der_skip 's/while (at < outer \&\& /while (/'
without "the check that the input is not empty" src/token/token.c src/token/token.c \
    read_token 's/if (r->len == 0)/if (0)/'
without "the initiator's demand for a MIC" src/nego/settle.c src/nego/settle.c \
    initiator_ends 's/if (needed \&\& !f->verified)/if (0)/'
without "the acceptor's demand for a MIC" src/nego/settle.c src/nego/settle.c \
    nego_settle_acceptor 's/if (f->required \&\& f->integrity \&\& !f->verified)/if (0)/'
without "the demand for the last MIC" src/nego/settle.c src/nego/settle.c \
    nego_settle_last 's/if (!f->complete || !f->verified)/if (0)/'
without "the mechanism's completion" src/nego/settle.c src/nego/settle.c \
    nego_settle_initiator 's/if (!f->complete) {/if (0) {/'
without "the check of room for a short element" src/der/writer.c src/der/writer.c \
    put_short 's/ || contents.len + 2 > w->room//'
without "the check that the count fits a size_t" src/der/writer.c src/der/writer.c \
    grow 's/if (n - w->room > SIZE_MAX - w->buf_len - w->missing)/if (0)/'
exit $silent
