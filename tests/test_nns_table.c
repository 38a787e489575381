/*
 * The states of MS-NNS (figures 1 and 2, sections 3.1 and 3.2) by what can happen in each, written
 * from the document: NNS-30, 34, 35, 44 to 47, 49 to 59, 61, 64, 65, 67 to 78, 80, 90 to 94.  Each
 * cell is tried, and the transitions that are seen are those of the document, all of them and no
 * others.
 *
 * The mechanism is scripted and there is no SPNEGO around it (level None), so that the table is of
 * the carrier alone.  CreatingSecurityToken and ProcessingFinalToken last only while a mechanism is
 * pending.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnego/nns.h>
#include <spnego/oid.h>

#include "support.h"

/* ---- The mechanism --------------------------------------------------------------------------- */

typedef struct scripted {
    spnego_mech_result next;
    int accepted; /* what accept_peer says of it */
} scripted;

static spnego_mech_result answer(void *self, spnego_sink *out)
{
    const scripted *mech = self;

    if (mech->next == SPNEGO_MECH_CONTINUE || mech->next == SPNEGO_MECH_COMPLETE)
        spnego_sink_write(out, "NTLMSSP", 8);
    return mech->next;
}

static spnego_mech_result step(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    (void)code, (void)in;
    return answer(self, out);
}

static spnego_mech_result resume(void *self, spnego_sink *out, spnego_mech_code *code)
{
    (void)code;
    return answer(self, out);
}

static uint32_t query(void *self)
{
    (void)self;
    return 0;
}

static int accept_peer(void *user, const spnego_info *info)
{
    const scripted *mech = user;

    (void)info;
    return mech->accepted;
}

/* ---- What happens ---------------------------------------------------------------------------- */

/* In the order of the columns.  What the mechanism says to it stands behind the underline; TOO_LOW:
 * it is complete, and the levels are not accepted. */
typedef enum input {
    START_CONTINUE,
    START_COMPLETE,
    START_TOO_LOW,
    START_FAILED,
    START_NO_CREDENTIAL,
    START_PENDING,
    IN_PROGRESS_CONTINUE,
    IN_PROGRESS_COMPLETE,
    IN_PROGRESS_TOO_LOW,
    IN_PROGRESS_FAILED,
    IN_PROGRESS_PENDING,
    DONE_CONTINUE,
    DONE_COMPLETE,
    DONE_TOO_LOW,
    DONE_FAILED,
    DONE_PENDING,
    RESUME_CONTINUE,
    RESUME_COMPLETE,
    RESUME_TOO_LOW,
    RESUME_FAILED,
    RESUME_PENDING,
    ERROR,
    UNKNOWN_ID,
    SEND,
    END,
    CLOSE,
    NUM_INPUTS
} input;

static const char *const input_names[NUM_INPUTS] = {"start, continue",
                                                    "start, complete",
                                                    "start, complete but too low",
                                                    "start, failed",
                                                    "start, no credential",
                                                    "start, pending",
                                                    "InProgress, continue",
                                                    "InProgress, complete",
                                                    "InProgress, complete but too low",
                                                    "InProgress, failed",
                                                    "InProgress, pending",
                                                    "Done, continue",
                                                    "Done, complete",
                                                    "Done, complete but too low",
                                                    "Done, failed",
                                                    "Done, pending",
                                                    "resume, continue",
                                                    "resume, complete",
                                                    "resume, complete but too low",
                                                    "resume, failed",
                                                    "resume, pending",
                                                    "Error",
                                                    "unknown id",
                                                    "send",
                                                    "end of the stream",
                                                    "close"};

/* States by a letter: U Uninitialized, C CreatingSecurityToken, W WaitingForHandshakeMessage,
 * F ProcessingFinalToken, D WaitingForHandshakeDone, A Authenticated, X Closed; u is Uninitialized
 * again after a failure of this side's, x is Closed after a failure.
 *
 * A cell: the state after it; then what is sent: P InProgress, T Done with a token, E Done without,
 * ! Error, + data, - nothing.  "r" is refused: ERR_USAGE, nothing changes.  "s" is said again: the
 * failure that stays.  "d": what came is data, and delivered. */
/* clang-format off */
#define START_REFUSED "r", "r", "r", "r", "r", "r"
#define MESSAGES_REFUSED "r", "r", "r", "r", "r",  "r", "r", "r", "r", "r"
#define RESUME_REFUSED "r", "r", "r", "r", "r"
#define ALL_REFUSED START_REFUSED, MESSAGES_REFUSED, RESUME_REFUSED, "r", "r", "r", "r"
#define ALL_SAID_AGAIN "s", "s", "s", "s", "s", "s",  "s", "s", "s", "s", "s",  "s", "s", "s", "s", "s", \
                       "s", "s", "s", "s", "s",  "s", "s", "s", "s"
#define ALL_DATA "d", "d", "d", "d", "d",  "d", "d", "d", "d", "d"

static const char states[] = "UCWFDAXux";
enum { NUM_STATES = sizeof states - 1 };

static const char *const client[NUM_STATES][NUM_INPUTS] = {
    /*         start: continue, complete, too low, failed, no credential, pending            3.1.4.1, 3.1.5.1 */
    /*         InProgress, Done: continue, complete, too low, failed, pending                3.1.5.2, 3.1.5.3 */
    /*         resume: the same;  Error, unknown id, send, end, close    3.1.5.2, 3.1.5.4, 3.1.4.2, 3.1.7, 3.1.4.3 */
    /* U */ {"WP", "DT", "u!", "u!", "u-", "C-",  MESSAGES_REFUSED,  RESUME_REFUSED,  "r", "r", "r", "r", "X-"},
    /* C */ {START_REFUSED,  MESSAGES_REFUSED,  "WP", "DT", "u!", "u!", "C-",  "r", "r", "r", "x-", "X-"},
    /* W */ {START_REFUSED,  "WP", "DT", "u!", "u!", "C-",  "u!", "A-", "u!", "u!", "F-",  RESUME_REFUSED,
             "x-", "x-", "r", "x-", "X-"},
    /* F */ {START_REFUSED,  MESSAGES_REFUSED,  "u!", "A-", "u!", "u!", "F-",  "r", "r", "r", "x-", "X-"},
    /* D: the payload of Done is ignored, and no mechanism is asked any more */
            {START_REFUSED,  "x-", "x-", "x-", "x-", "x-",  "A-", "A-", "A-", "A-", "A-",  RESUME_REFUSED,
             "x-", "x-", "r", "x-", "X-"},
    /* A: there is no protection, and no message is looked at */
            {START_REFUSED,  ALL_DATA,  RESUME_REFUSED,  "d", "d", "A+", "X-", "X-"},
    /* X */ {ALL_REFUSED, "X-"},
    /* u */ {ALL_SAID_AGAIN, "x-"},
    /* x */ {ALL_SAID_AGAIN, "x-"},
};

static const char *const server[NUM_STATES][NUM_INPUTS] = {
    /* U: a server's start asks the mechanism nothing   3.2.4.1 */
            {"W-", "W-", "W-", "W-", "W-", "W-",  MESSAGES_REFUSED,  RESUME_REFUSED,  "r", "r", "r", "r", "X-"},
    /* C    3.2.5.2 */
            {START_REFUSED,  MESSAGES_REFUSED,  "WP", "AT", "u!", "u!", "C-",  "r", "r", "r", "x-", "X-"},
    /* W    3.2.5.1, 3.2.5.2, 3.2.5.3 */
            {START_REFUSED,  "WP", "AT", "u!", "u!", "C-",  "u!", "AE", "u!", "u!", "F-",  RESUME_REFUSED,
             "x-", "x-", "r", "x-", "X-"},
    /* F    3.2.5.3 */
            {START_REFUSED,  MESSAGES_REFUSED,  "u!", "AE", "u!", "u!", "F-",  "r", "r", "r", "x-", "X-"},
    /* D: a server has no such state */ {NULL},
    /* A    3.2.5.4, 3.2.4.2, 3.2.7, 3.2.4.3 */
            {START_REFUSED,  ALL_DATA,  RESUME_REFUSED,  "d", "d", "A+", "X-", "X-"},
    /* X */ {ALL_REFUSED, "X-"},
    /* u */ {ALL_SAID_AGAIN, "x-"},
    /* x */ {ALL_SAID_AGAIN, "x-"},
};
/* clang-format on */

/* The arrows of figures 1 and 2.  What passes through C or F without waiting there is written as
 * one arrow; u and x are written as the U and X that they are.  Close leads from anywhere to X. */
static const char client_arrows[] = "UC UW UD UU CC CW CD CU CX WC WW WD WU WF WA WX FF FA FU FX "
                                    "DA DX AA AX UX XX";
static const char server_arrows[] = "UW CC CW CA CU CX WC WW WA WU WF WX FF FA FU FX AA AX UX XX";

/* ---- One session ----------------------------------------------------------------------------- */

typedef struct fixture {
    scripted mech;
    spnego_mech_ops ops;
    spnego_mech entry;
    spnego_nns *session;
    spnego_turn turn;
} fixture;

static void open_session(fixture *f, spnego_role role)
{
    spnego_config negotiation;
    spnego_nns_config config;

    memset(f, 0, sizeof *f);
    f->mech.accepted = 1;
    f->ops.struct_size = sizeof f->ops;
    f->ops.name = "scripted";
    f->ops.oid = spnego_oid_contents(SPNEGO_OID_NTLMSSP);
    f->ops.step = step;
    f->ops.resume = resume;
    f->ops.query = query;
    f->entry.ops = &f->ops;
    f->entry.self = &f->mech;
    spnego_config_init(&negotiation, sizeof negotiation, role);
    negotiation.mechs = &f->entry;
    negotiation.num_mechs = 1;
    negotiation.user = &f->mech;
    spnego_nns_config_init(&config, sizeof config, &negotiation);
    config.protection = SPNEGO_NNS_NONE;
    config.accept_peer = accept_peer;
    cr_assert_eq(spnego_nns_create(&f->session, NULL, &config), SPNEGO_COMPLETE);
}

static spnego_status receive(fixture *f, const char *notation)
{
    return spnego_nns_receive(f->session, &f->turn, der_of(notation));
}

static spnego_status call(fixture *f, input what)
{
    static const char in_progress[] = "16 0100 0008 'NTLMSSP' 00", done[] =
                                                                       "14 0100 0008 'NTLMSSP' "
                                                                       "00";
    static const uint8_t data[] = "data";

    if (what <= START_PENDING)
        return spnego_nns_start(f->session, &f->turn);
    if (what <= IN_PROGRESS_PENDING)
        return receive(f, in_progress);
    if (what <= DONE_PENDING)
        return receive(f, done);
    if (what <= RESUME_PENDING)
        return spnego_nns_resume(f->session, &f->turn);
    if (what == ERROR)
        return receive(f, "15 0100 0008 00000000 8009030c");
    if (what == UNKNOWN_ID)
        return receive(f, "17 0100 0000");
    if (what == SEND)
        return spnego_nns_send(f->session, &f->turn, (spnego_bytes){data, 4});
    if (what == END)
        return spnego_nns_end(f->session, &f->turn);
    memset(&f->turn, 0, sizeof f->turn);
    return spnego_nns_close(f->session);
}

static spnego_status happen(fixture *f, input what)
{
    const char *says = strchr(input_names[what], ',');

    f->mech.accepted = 1;
    f->mech.next = SPNEGO_MECH_CONTINUE;
    if (says != NULL && strstr(says, "complete") != NULL)
        f->mech.next = SPNEGO_MECH_COMPLETE;
    if (says != NULL && strstr(says, "too low") != NULL)
        f->mech.accepted = 0;
    if (says != NULL && strstr(says, "failed") != NULL)
        f->mech.next = SPNEGO_MECH_FAILED;
    if (says != NULL && strstr(says, "pending") != NULL)
        f->mech.next = SPNEGO_MECH_PENDING;
    if (what == START_NO_CREDENTIAL)
        f->mech.next = SPNEGO_MECH_UNAVAILABLE;
    return call(f, what);
}

/* Into each state, by what the table itself says. */
static void reach(fixture *f, spnego_role role, char state)
{
    const int is_client = role == SPNEGO_INITIATOR;

    open_session(f, role);
    if (state == 'U')
        return;
    if (state == 'X') {
        (void)happen(f, CLOSE);
        return;
    }
    if (is_client && (state == 'C' || state == 'D' || state == 'u')) {
        (void)happen(f, state == 'C'   ? START_PENDING
                        : state == 'D' ? START_COMPLETE
                                       : START_FAILED);
        return;
    }
    (void)happen(f, START_CONTINUE);
    if (state == 'C')
        (void)happen(f, IN_PROGRESS_PENDING);
    else if (state == 'F')
        (void)happen(f, DONE_PENDING);
    else if (state == 'A')
        (void)happen(f, DONE_COMPLETE);
    else if (state == 'u')
        (void)happen(f, IN_PROGRESS_FAILED);
    else if (state == 'x')
        (void)happen(f, ERROR);
}

static char state_of(const fixture *f)
{
    static const char *const names = "Uninitialized CreatingSecurityToken "
                                     "WaitingForHandshakeMessage ProcessingFinalToken "
                                     "WaitingForHandshakeDone Authenticated Closed";
    const char *name = spnego_nns_state(f->session);
    const int failed = spnego_nns_error(f->session)->status < SPNEGO_ERR_USAGE;

    cr_assert_not_null(strstr(names, name));
    if (strcmp(name, "Uninitialized") == 0)
        return failed ? 'u' : 'U';
    if (strcmp(name, "Closed") == 0)
        return failed ? 'x' : 'X';
    if (strcmp(name, "WaitingForHandshakeDone") == 0)
        return 'D';
    return strcmp(name, "ProcessingFinalToken") == 0 ? 'F' : name[0];
}

/* ---- Cells ----------------------------------------------------------------------------------- */

static char sent(const fixture *f)
{
    const spnego_bytes out = f->turn.out;

    if (out.data == NULL)
        return '-';
    if (out.len == 4)
        return '+';
    switch (out.data[0]) {
    case SPNEGO_NNS_IN_PROGRESS:
        return 'P';
    case SPNEGO_NNS_DONE:
        return out.len == 5 ? 'E' : 'T';
    case SPNEGO_NNS_ERROR:
        return '!';
    default:
        return '?';
    }
}

static int is_failed(char state)
{
    return state == 'u' || state == 'x';
}

static int is_pending(char state)
{
    return state == 'C' || state == 'F';
}

/* What the call returns, by the state after it. */
static spnego_status status_of(char to, input what)
{
    if (to == 'A' || what == CLOSE || (to == 'X' && what == END))
        return SPNEGO_COMPLETE;
    return is_pending(to) ? SPNEGO_PENDING : SPNEGO_CONTINUE;
}

static void note_arrow(char *seen, char from, char to)
{
    char arrow[4] = {from, to, ' ', '\0'};

    for (int i = 0; i < 2; i++)
        if (is_failed(arrow[i]))
            arrow[i] = arrow[i] == 'u' ? 'U' : 'X';
    if (strstr(seen, arrow) == NULL)
        strcat(seen, arrow);
}

static void check_cell(char *seen, spnego_role role, char from, input what, const char *cell)
{
    char to;
    spnego_status before, status;
    spnego_nns_levels levels;
    spnego_info info;
    fixture f;

    reach(&f, role, from);
    cr_assert_eq(state_of(&f), from, "%c is not reached, but %c", from, state_of(&f));
    before = spnego_nns_error(f.session)->status;
    status = happen(&f, what);
    to = cell[0] == 'r' || cell[0] == 's' || cell[0] == 'd' ? from : cell[0];
    cr_expect_eq(state_of(&f), to, "%d %c, %s: %c instead of %c", (int)role, from,
                 input_names[what], state_of(&f), to);
    cr_expect_eq(sent(&f), cell[1] == '\0' ? '-' : cell[1], "%d %c, %s: sends %c", (int)role, from,
                 input_names[what], sent(&f));
    cr_expect_eq(spnego_nns_info(f.session, &info, &levels), to == 'A', "%d %c, %s: info",
                 (int)role, from, input_names[what]);
    cr_expect_eq(f.turn.data.data != NULL, cell[0] == 'd', "%d %c, %s: data", (int)role, from,
                 input_names[what]);
    if (cell[0] == 'r')
        cr_expect_eq(status, SPNEGO_ERR_USAGE, "%c, %s", from, input_names[what]);
    else if (cell[0] == 's')
        cr_expect_eq(status, before, "%c, %s", from, input_names[what]);
    else if (is_failed(to) && what != CLOSE)
        cr_expect(status < SPNEGO_ERR_USAGE, "%c, %s", from, input_names[what]);
    else
        cr_expect_eq(status, status_of(to, what), "%c, %s", from, input_names[what]);
    if (cell[0] != 'r' && cell[0] != 's')
        note_arrow(seen, from, to);
    spnego_nns_destroy(f.session);
}

static void check_arrows(const char *seen, const char *arrows)
{
    char arrow[4] = "";

    cr_expect_eq(strlen(seen), strlen(arrows) + 1, "seen: %s", seen);
    for (; *arrows != '\0'; arrows += strlen(arrows) > 2 ? 3 : 2) {
        memcpy(arrow, arrows, 2);
        cr_expect_not_null(strstr(seen, arrow), "no %s among %s", arrow, seen);
    }
}

static void check_table(spnego_role role, const char *const table[NUM_STATES][NUM_INPUTS],
                        const char *arrows)
{
    char seen[400] = "";

    for (size_t from = 0; from < NUM_STATES; from++)
        for (input what = 0; table[from][0] != NULL && what < NUM_INPUTS; what++) {
            cr_assert_not_null(table[from][what], "%c, %s", states[from], input_names[what]);
            check_cell(seen, role, states[from], what, table[from][what]);
        }
    check_arrows(seen, arrows);
}

Test(nns_table, client)
{
    check_table(SPNEGO_INITIATOR, client, client_arrows);
}

Test(nns_table, server)
{
    check_table(SPNEGO_ACCEPTOR, server, server_arrows);
}
