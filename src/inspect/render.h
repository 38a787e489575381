/*
 * inspect/render.h - one token, for programs and for people.
 */
#ifndef SPNEGO_INSPECT_RENDER_H
#define SPNEGO_INSPECT_RENDER_H

#include "inspect/input.h"
#include "inspect/origin.h"
#include "inspect/reading.h"
#include "inspect/text.h"

/* What fits a terminal. */
#define INSPECT_COLUMNS 80

typedef struct inspect_view {
    const char *name; /* of the input */
    size_t index;     /* of the token in it */
    inspect_encoding encoding;
    inspect_scheme scheme;
    const inspect_origin *origin; /* NULL: it was not carried by anything */
    int pretty;                   /* JSON: indented */
    int redact;        /* leave out octets that could be cracked and text that names someone */
    int findings_only; /* JSON: without the token */
    int color;         /* text: with the escape sequences of a terminal */
} inspect_view;

/* inspect_render_json writes one JSON object and a line feed. */
void inspect_render_json(inspect_text *out, const inspect_reading *reading,
                         const inspect_view *view);

/* inspect_render_pyspnego writes one JSON object of the shape that pyspnego's token parser prints,
 * and a line feed: each message as MessageType, Data and RawData.  It shows all octets, whatever
 * view->redact says.  What that shape has no message for becomes its "Unknown". */
void inspect_render_pyspnego(inspect_text *out, const inspect_reading *reading,
                             const inspect_view *view);

/* inspect_render_text writes an indented tree with offsets, the findings in place, and last what
 * the token is, in plain words. */
void inspect_render_text(inspect_text *out, const inspect_reading *reading,
                         const inspect_view *view);

/* inspect_render_lint writes the findings, one line each. */
void inspect_render_lint(inspect_text *out, const inspect_reading *reading,
                         const inspect_view *view);

/* inspect_summarize writes what the token is, in plain words, without a line feed. */
void inspect_summarize(inspect_text *out, const inspect_reading *reading, const inspect_view *view);

/* inspect_sender returns who sent a NegTokenResp, as far as it shows. */
inspect_role inspect_sender(const inspect_reading *reading);

#endif /* SPNEGO_INSPECT_RENDER_H */
