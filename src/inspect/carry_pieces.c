#include "inspect/carry_pieces.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/looks.h"

struct inspect_unfinished {
    inspect_found found; /* the last piece */
    inspect_text octets;
    size_t total; /* by its header */
};

static void inspect_hand_over(inspect_carry *carry, const inspect_found *found)
{
    carry->finder->num_found++;
    carry->finder->found(carry->finder->user, found);
}

void inspect_carry_give_up(inspect_carry *carry, inspect_open *open)
{
    struct inspect_unfinished *unfinished = open->unfinished;

    if (unfinished == NULL)
        return;
    open->unfinished = NULL;
    carry->finder->held -= unfinished->octets.len;
    unfinished->found.token = inspect_text_bytes(&unfinished->octets);
    inspect_hand_over(carry, &unfinished->found);
    inspect_text_free(&unfinished->octets);
    free(unfinished);
}

int inspect_carry_goes_on(const inspect_open *open, inspect_role sender, spnego_bytes token)
{
    const struct inspect_unfinished *unfinished = open->unfinished;

    return unfinished != NULL && unfinished->found.sender == sender &&
           token.len <= unfinished->total - unfinished->octets.len && !inspect_looks_token(token);
}

/* Keeps a token's first piece; 0 if it is none, or nothing can be kept. */
static int inspect_piece_begin(inspect_carry *carry, inspect_open *open, const inspect_found *found)
{
    const uint64_t total = inspect_looks_unfinished(found->token);

    if (total == 0 || total > INSPECT_CARRY_MAX_MESSAGE || found->sender == INSPECT_ROLE_UNKNOWN ||
        carry->finder->held > INSPECT_CARRY_MAX_TOTAL - INSPECT_CARRY_MAX_MESSAGE)
        return 0;
    open->unfinished = calloc(1, sizeof *open->unfinished);
    if (open->unfinished == NULL) {
        carry->finder->failed = 1;
        return 0;
    }
    open->unfinished->total = (size_t)total;
    return 1;
}

void inspect_carry_give(inspect_carry *carry, inspect_open *open, const inspect_found *found)
{
    inspect_finder *finder = carry->finder;
    const spnego_bytes token = found->token;

    if (finder->held > INSPECT_CARRY_MAX_TOTAL - INSPECT_CARRY_MAX_MESSAGE ||
        !inspect_carry_goes_on(open, found->sender, token)) {
        inspect_carry_give_up(carry, open);
        if (!inspect_piece_begin(carry, open, found)) {
            inspect_hand_over(carry, found);
            return;
        }
    }
    open->unfinished->found = *found;
    inspect_text_put(&open->unfinished->octets, token.data, token.len);
    finder->held += token.len;
    finder->failed |= open->unfinished->octets.failed;
    if (open->unfinished->octets.len == open->unfinished->total)
        inspect_carry_give_up(carry, open);
}
