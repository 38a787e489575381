#include <string.h>

#include "inspect/advice.h"
#include "inspect/expect.h"
#include "inspect/kind.h"
#include "inspect/lint.h"
#include "inspect/render.h"
#include "inspect/show.h"

/* Octets of a mechanism's token that are shown; --format json has them all. */
#define INSPECT_SHOWN_OCTETS 16

/* The column of the offsets. */
#define INSPECT_OFFSET_COLUMN 7

#define INSPECT_BOLD "\033[1m"
#define INSPECT_PLAIN "\033[0m"

typedef struct inspect_page {
    inspect_text *out;
    const inspect_reading *reading;
    const inspect_view *view;
    inspect_text line; /* the sentence being put together */
    size_t next;       /* the next finding */
} inspect_page;

static void inspect_page_begin(inspect_page *page, size_t offset, size_t depth, const char *name)
{
    inspect_text_put_number_wide(page->out, offset, INSPECT_OFFSET_COLUMN);
    inspect_text_put_repeated(page->out, ' ', 2 + 2 * depth);
    if (page->view->color)
        inspect_text_puts(page->out, INSPECT_BOLD);
    inspect_text_puts(page->out, name);
    if (page->view->color)
        inspect_text_puts(page->out, INSPECT_PLAIN);
}

static void inspect_page_wrap(inspect_page *page, size_t column, size_t indent)
{
    inspect_text_put_wrapped(page->out, page->line.data, page->line.len, column, indent,
                             INSPECT_COLUMNS - 1);
    inspect_text_putc(page->out, '\n');
    page->out->failed |= page->line.failed;
    inspect_text_clear(&page->line);
}

static void inspect_page_findings(inspect_page *page, size_t before)
{
    static const char *const colors[] = {"", "\033[36m", "\033[33m", "\033[31m"};
    const inspect_reading *reading = page->reading;

    for (; page->next < reading->num_findings; page->next++) {
        const spnego_finding *finding = &reading->findings[page->next];
        const spnego_rule_text *rule = spnego_rule_describe(finding->rule);
        const char *severity = inspect_severity_name(rule->severity);

        if (finding->offset >= before)
            return;
        inspect_text_put_number_wide(page->out, finding->offset, INSPECT_OFFSET_COLUMN);
        inspect_text_puts(page->out, "  ");
        if (page->view->color)
            inspect_text_puts(page->out, colors[rule->severity]);
        inspect_text_puts(page->out, "! ");
        inspect_text_puts(page->out, severity);
        if (page->view->color)
            inspect_text_puts(page->out, INSPECT_PLAIN);
        inspect_text_puts(page->out, " ");
        inspect_text_puts(&page->line, rule->name);
        inspect_text_puts(&page->line, ": ");
        inspect_text_puts(&page->line, rule->sentence);
        inspect_text_puts(&page->line, " [");
        inspect_text_puts(&page->line, rule->citation);
        inspect_text_puts(&page->line, "]");
        inspect_page_wrap(page, INSPECT_OFFSET_COLUMN + 5 + strlen(severity),
                          INSPECT_OFFSET_COLUMN + 4);
    }
}

/* What the mechanism's token `first` holds; its own name and length stand in the line before. */
static void inspect_page_nested(inspect_page *page, size_t first, size_t depth)
{
    const inspect_tree *tree = &page->reading->tree;
    const size_t end = inspect_tree_end(tree, first);

    /* What is said of the whole. */
    inspect_page_findings(page, tree->nodes[first].offset + 1);
    for (size_t i = first + 1; i < end;) {
        const inspect_node *node = &tree->nodes[i];
        const char *name = node->name != NULL ? node->name : node->type != NULL ? node->type : "";
        const size_t indent = depth + node->depth - tree->nodes[first].depth;
        const size_t column = INSPECT_OFFSET_COLUMN + 2 + 2 * indent;

        inspect_page_findings(page, node->offset);
        inspect_page_begin(page, node->offset, indent, name);
        i = inspect_show_line(&page->line, tree, i, page->view->redact);
        inspect_text_puts(page->out, name[0] != 0 && page->line.len > 0 ? "  " : "");
        inspect_page_wrap(page, column + strlen(name) + (name[0] != 0 ? 2 : 0), column + 4);
    }
}

static void inspect_page_octets(inspect_page *page, spnego_bytes octets, size_t depth)
{
    const inspect_reading *reading = page->reading;
    const char *kind = inspect_kind_name(octets);
    spnego_bytes shown = octets;
    const size_t nested = inspect_is_raw(reading) ? 0 : inspect_nested(reading, octets);
    uint64_t announced = octets.len;

    if (nested < reading->tree.num_nodes)
        kind = reading->tree.nodes[nested].type;
    /* Fields that nobody knows stand in no OCTET STRING. */
    if (reading->fault == SPNEGO_RULE_DER_TRUNCATED && !inspect_is_raw(reading) &&
        octets.data != reading->token.unknown_fields.data &&
        inspect_offset(reading, octets) + octets.len == reading->in.len)
        announced = inspect_announced(reading, octets);
    if (shown.len > INSPECT_SHOWN_OCTETS)
        shown.len = INSPECT_SHOWN_OCTETS;
    inspect_text_puts(page->out, "  ");
    inspect_text_put_number(page->out, octets.len);
    if (announced > octets.len) {
        inspect_text_puts(page->out, " of ");
        inspect_text_put_number(page->out, announced);
    }
    inspect_text_puts(page->out, announced == 1 ? " octet" : " octets");
    if (kind != NULL && !inspect_is_raw(reading)) {
        inspect_text_puts(page->out, ", ");
        inspect_text_puts(page->out, kind);
    }
    if (nested < reading->tree.num_nodes) {
        inspect_text_putc(page->out, '\n');
        inspect_page_nested(page, nested, depth);
        return;
    }
    if (page->view->redact && octets.len > 0)
        inspect_text_puts(page->out, ", redacted");
    inspect_text_putc(page->out, '\n');
    if (octets.len == 0 || page->view->redact)
        return;
    inspect_text_put_repeated(page->out, ' ', INSPECT_OFFSET_COLUMN + 4 + 2 * depth);
    inspect_text_put_hex(page->out, shown, ' ');
    inspect_text_puts(page->out, shown.len < octets.len ? " ...\n" : "\n");
}

static void inspect_page_redacted(inspect_page *page, spnego_bytes octets)
{
    inspect_text_put_number(page->out, octets.len);
    inspect_text_puts(page->out, " octets, redacted");
}

static void inspect_page_oid(inspect_page *page, const char *before, spnego_bytes oid)
{
    inspect_text_puts(page->out, before);
    if (page->view->redact && !inspect_oid_is_plain(oid))
        inspect_page_redacted(page, oid);
    else
        inspect_put_oid(page->out, oid, " ");
    inspect_text_putc(page->out, '\n');
}

static void inspect_page_flags(inspect_page *page, spnego_bytes flags, size_t column)
{
    const size_t num_bits = inspect_flag_bits(flags);

    inspect_text_puts(page->out, "  ");
    for (size_t i = 0; i < num_bits && i < INSPECT_MAX_FLAG_BITS; i++)
        inspect_text_putc(&page->line, inspect_flag_is_set(flags, i) ? '1' : '0');
    for (size_t i = 0; i < num_bits && inspect_flag_name(i) != NULL; i++) {
        if (!inspect_flag_is_set(flags, i))
            continue;
        inspect_text_putc(&page->line, ' ');
        inspect_text_puts(&page->line, inspect_flag_name(i));
    }
    inspect_page_wrap(page, column, column);
}

static void inspect_page_hint(inspect_page *page, spnego_field field, spnego_bytes hint)
{
    if (page->view->redact && !inspect_is_fixed_hint(hint)) {
        inspect_text_puts(page->out, "  ");
        inspect_page_redacted(page, hint);
    } else if (field == SPNEGO_FIELD_HINT_NAME) {
        inspect_text_puts(page->out, "  \"");
        inspect_text_put_escaped(page->out, hint);
        inspect_text_putc(page->out, '"');
    } else {
        inspect_text_puts(page->out, "  ");
        inspect_text_put_hex(page->out, hint, ' ');
    }
    inspect_text_putc(page->out, '\n');
}

static void inspect_page_mechs(inspect_page *page, size_t depth)
{
    inspect_mech mech;

    memset(&mech, 0, sizeof mech);
    while (inspect_mech_next(&mech, page->reading)) {
        inspect_page_findings(page, mech.span.offset);
        inspect_page_begin(page, mech.span.offset, depth, "");
        inspect_page_oid(page, "", mech.oid);
    }
}

static void inspect_page_field(inspect_page *page, spnego_field field, size_t offset, size_t depth)
{
    const inspect_reading *reading = page->reading;
    const spnego_bytes view = inspect_field_view(reading, field);
    const char *name = spnego_field_name(reading->token.type, field);
    const char *dot = strrchr(name, '.');
    const char *state = inspect_neg_state_name(reading->token.neg_state);
    spnego_bytes oid, inner;

    name = dot != NULL ? dot + 1 : name;
    switch (field) {
    case SPNEGO_FIELD_FRAME:
        inspect_page_begin(page, offset, depth, name);
        inspect_text_putc(page->out, '\n');
        break;
    case SPNEGO_FIELD_THIS_MECH:
        inspect_page_begin(page, offset, depth, name);
        if (inspect_frame_read(&oid, &inner, reading->in))
            inspect_page_oid(page, "  ", oid);
        else
            inspect_text_putc(page->out, '\n');
        break;
    case SPNEGO_FIELD_CHOICE:
        inspect_page_begin(page, offset, depth, inspect_token_type_name(reading->token.type));
        inspect_text_putc(page->out, '\n');
        break;
    case SPNEGO_FIELD_MECH_TYPES:
        inspect_page_begin(page, offset, depth, name);
        inspect_text_putc(page->out, '\n');
        inspect_page_mechs(page, depth + 1);
        break;
    case SPNEGO_FIELD_REQ_FLAGS:
        inspect_page_begin(page, offset, depth, name);
        inspect_page_flags(page, view, INSPECT_OFFSET_COLUMN + 4 + 2 * depth + strlen(name));
        break;
    case SPNEGO_FIELD_NEG_HINTS:
        inspect_page_begin(page, offset, depth, name);
        inspect_text_putc(page->out, '\n');
        break;
    case SPNEGO_FIELD_HINT_NAME:
    case SPNEGO_FIELD_HINT_ADDRESS:
        inspect_page_begin(page, offset, depth, name);
        inspect_page_hint(page, field, view);
        break;
    case SPNEGO_FIELD_NEG_STATE:
        inspect_page_begin(page, offset, depth, name);
        inspect_text_puts(page->out, "  ");
        inspect_text_puts(page->out, state != NULL ? state : "unknown");
        inspect_text_puts(page->out, " (");
        inspect_text_put_signed(page->out, reading->token.neg_state);
        inspect_text_puts(page->out, ")\n");
        break;
    case SPNEGO_FIELD_SUPPORTED_MECH:
        inspect_page_begin(page, offset, depth, name);
        inspect_page_oid(page, "  ", view);
        break;
    case SPNEGO_FIELD_MECH_TOKEN:
    case SPNEGO_FIELD_RESPONSE_TOKEN:
    case SPNEGO_FIELD_MECH_LIST_MIC:
        inspect_page_begin(page, offset, depth, name);
        inspect_page_octets(page, view, depth);
        break;
    case SPNEGO_FIELD_NONE:
    case SPNEGO_FIELD_SEQUENCE:
    case SPNEGO_FIELD_UNKNOWN:
    case SPNEGO_NUM_FIELDS:
        inspect_page_begin(page, offset, depth, "unknown fields");
        inspect_page_octets(page, view, depth);
        break;
    }
}

static size_t inspect_depth(spnego_field field, int is_framed)
{
    const size_t outer = is_framed ? 1 : 0;

    switch (field) {
    case SPNEGO_FIELD_FRAME:
        return 0;
    case SPNEGO_FIELD_THIS_MECH:
    case SPNEGO_FIELD_CHOICE:
        return outer;
    case SPNEGO_FIELD_HINT_NAME:
    case SPNEGO_FIELD_HINT_ADDRESS:
        return outer + 2;
    case SPNEGO_FIELD_NONE:
    case SPNEGO_FIELD_SEQUENCE:
    case SPNEGO_FIELD_MECH_TYPES:
    case SPNEGO_FIELD_REQ_FLAGS:
    case SPNEGO_FIELD_MECH_TOKEN:
    case SPNEGO_FIELD_NEG_HINTS:
    case SPNEGO_FIELD_NEG_STATE:
    case SPNEGO_FIELD_SUPPORTED_MECH:
    case SPNEGO_FIELD_RESPONSE_TOKEN:
    case SPNEGO_FIELD_MECH_LIST_MIC:
    case SPNEGO_FIELD_UNKNOWN:
    case SPNEGO_NUM_FIELDS:
        break;
    }
    return outer + 1;
}

static void inspect_page_title(inspect_page *page)
{
    const spnego_bytes name = {(const uint8_t *)page->view->name, strlen(page->view->name)};

    inspect_text_put_escaped(&page->line, name);
    if (page->view->index > 0) {
        inspect_text_puts(&page->line, " #");
        inspect_text_put_number(&page->line, page->view->index);
    }
    inspect_text_puts(&page->line, ": ");
    inspect_text_put_number(&page->line, page->reading->in.len);
    inspect_text_puts(&page->line, page->reading->in.len == 1 ? " octet, " : " octets, ");
    inspect_text_puts(&page->line, inspect_encoding_name(page->view->encoding));
    inspect_page_wrap(page, 0, 2);
}

void inspect_render_text(inspect_text *out, const inspect_reading *reading,
                         const inspect_view *view)
{
    inspect_page page = {out, reading, view, {NULL, 0, 0, 0}, 0};
    const int is_framed = reading->report.spans[SPNEGO_FIELD_FRAME].len > 0;
    inspect_layout layout;

    inspect_page_title(&page);
    if (inspect_is_raw(reading)) {
        inspect_page_begin(&page, 0, 0,
                           reading->inner_name != NULL ? reading->inner_name : "unknown");
        inspect_page_octets(&page, reading->in, 0);
    }
    inspect_layout_of(&layout, reading);
    for (size_t i = 0; i < layout.num_fields; i++) {
        const spnego_field field = layout.fields[i].field;
        const size_t offset = layout.fields[i].span.offset;

        inspect_page_findings(&page, offset);
        inspect_page_field(&page, field, offset, inspect_depth(field, is_framed));
    }
    inspect_page_findings(&page, SIZE_MAX);
    inspect_summarize(&page.line, reading, view);
    inspect_advise(&page.line, reading, view);
    inspect_page_wrap(&page, 0, 2);
    out->failed |= reading->tree.failed;
    inspect_text_free(&page.line);
}

void inspect_render_lint(inspect_text *out, const inspect_reading *reading,
                         const inspect_view *view)
{
    const spnego_bytes name = {(const uint8_t *)view->name, strlen(view->name)};

    for (size_t i = 0; i < reading->num_findings; i++) {
        const spnego_finding *finding = &reading->findings[i];
        const spnego_rule_text *rule = spnego_rule_describe(finding->rule);

        inspect_text_put_escaped(out, name);
        inspect_text_putc(out, ':');
        inspect_text_put_number(out, finding->offset);
        inspect_text_puts(out, ": ");
        inspect_text_puts(out, inspect_severity_name(rule->severity));
        inspect_text_puts(out, ": ");
        inspect_text_puts(out, rule->name);
        inspect_text_puts(out, ": ");
        inspect_text_puts(out, rule->sentence);
        inspect_text_puts(out, " [");
        inspect_text_puts(out, rule->citation);
        inspect_text_puts(out, "]\n");
    }
}
