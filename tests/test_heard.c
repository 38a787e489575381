/*
 * Exchanges judged token by token: what is kept of them is bounded, and where it is not enough to
 * be sure, nothing is said.  That what is said is right is for tests/lint_exchanges.py and
 * fuzz_exchange, which compare it with a replay.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "inspect/exchanges.h"
#include "support.h"

#define OFFER "60{06{2b0601050502} a0{30{a0{30{06{2a864886f712010202} 06{2b06010401823702020a}}} "
#define OFFER_END "}}}"
#define CHOICE "a1{06{2a864886f712010202}} "
#define NTLM_1 "'NTLMSSP' 00 01000000 "
#define NTLM_2 "'NTLMSSP' 00 02000000 "
/* An authenticate message with NegotiateFlags at 60. */
#define NTLM_3(FLAGS) "'NTLMSSP' 00 03000000 00*48 " FLAGS " "
#define NTLM_OFFER \
    "60{06{2b0601050502} a0{30{a0{30{06{2b06010401823702020a}}} a2{04{" NTLM_1 "}}}}}"
#define NTLM_REPLY "a1{30{a0{0a{01}} a1{06{2b06010401823702020a}} a2{04{" NTLM_2 "}}}}"

typedef struct heard {
    inspect_exchanges exchanges;
    inspect_reading reading;
    inspect_hearing hearing;
} heard;

static heard now;

static void begin(void)
{
    memset(&now, 0, sizeof now);
    now.hearing.exchange = 1;
    now.hearing.is_from_outset = 1;
}

static void end(void)
{
    cr_assert_not(now.exchanges.failed);
    inspect_exchanges_free(&now.exchanges);
    inspect_reading_free(&now.reading);
}

TestSuite(heard, .init = begin, .fini = end);

static void hear(char sender, const char *notation)
{
    const spnego_bytes token = der_of(notation);

    now.hearing.sender = sender == 'I'   ? INSPECT_ROLE_INITIATOR
                         : sender == 'A' ? INSPECT_ROLE_ACCEPTOR
                                         : INSPECT_ROLE_UNKNOWN;
    inspect_read(&now.reading, token, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    inspect_exchanges_hear(&now.exchanges, &now.reading, &now.hearing);
}

/* How often it was said of the last token, or, for 0, how many errors were. */
static size_t said(spnego_rule rule)
{
    size_t num = 0;

    for (size_t i = 0; i < now.reading.num_findings; i++) {
        const spnego_rule found = now.reading.findings[i].rule;

        num += rule != SPNEGO_RULE_NONE
                   ? found == rule
                   : spnego_rule_describe(found)->severity == SPNEGO_SEVERITY_ERROR;
    }
    return num;
}

static size_t errors(void)
{
    return said(SPNEGO_RULE_NONE);
}

static const char init[] = OFFER "a2{04{'X/1'}}" OFFER_END;
static const char reply[] = "a1{30{a0{0a{01}} " CHOICE "a2{04{'X/2'}}}}";
static const char late[] = "a1{30{a0{0a{03}} a2{04{'X/4'}}}}";

static void go_on(void)
{
    hear('I', init);
    hear('A', reply);
    hear('I', "a1{30{a2{04{'X/3'}}}}");
    cr_assert_eq(errors(), 0);
}

Test(heard, each_exchange_by_itself)
{
    go_on();
    now.hearing.exchange = 2;
    hear('I', init);
    hear('A', "a1{30{a0{0a{03}} " CHOICE "a2{04{'X/2'}}}}");
    cr_assert_eq(errors(), 0);
    now.hearing.exchange = 1;
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 1);
    cr_assert_eq(errors(), 1); /* and not that it names no mechanism */
    cr_assert_eq(now.reading.verdict, INSPECT_FINDINGS);
    cr_assert_eq(now.reading.findings[now.reading.num_findings - 1].offset, 4);
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0); /* it is over */
}

Test(heard, said_once)
{
    hear('I', init);
    hear('A', "a1{30{" CHOICE "}}");
    cr_assert_eq(said(SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE), 1);
}

/* The oldest exchanges make room, and are not mistaken for those that begin. */
Test(heard, as_many_as_are_followed)
{
    go_on();
    for (now.hearing.exchange = 2; now.hearing.exchange <= INSPECT_MAX_EXCHANGES;
         now.hearing.exchange++)
        hear('I', init);
    now.hearing.exchange = 1;
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 1);
    now.hearing.exchange = 2;
    hear('A', reply);
    cr_assert_eq(errors(), 0);
    now.hearing.exchange = INSPECT_MAX_EXCHANGES + 2;
    hear('I', init);
    now.hearing.exchange = 2;
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
    cr_assert_eq(said(SPNEGO_RULE_RESP_BEFORE_INIT), 0);
    now.hearing.exchange = INSPECT_MAX_EXCHANGES + 2;
    hear('A', reply);
    cr_assert_eq(errors(), 0);
}

Test(heard, forgotten)
{
    go_on();
    inspect_exchanges_forget(&now.exchanges);
    hear('I', init);
    cr_assert_eq(errors(), 0);
    hear('A', reply);
    cr_assert_eq(errors(), 0);
}

Test(heard, after_a_gap)
{
    go_on();
    now.hearing.num_gaps = 1;
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
    /* What begins after it is followed. */
    now.hearing.exchange = 2;
    go_on();
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 1);
}

Test(heard, not_from_the_outset)
{
    now.hearing.is_from_outset = 0;
    hear('A', reply);
    cr_assert_eq(errors(), 0);
    now.hearing.exchange = 2;
    go_on();
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 1);
    now.hearing.exchange = 3;
    now.hearing.is_from_outset = 1;
    hear('A', reply);
    cr_assert_eq(said(SPNEGO_RULE_RESP_BEFORE_INIT), 1);
}

Test(heard, from_nobody)
{
    hear('?', reply);
    cr_assert_eq(errors(), 0);
    hear('I', init);
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
}

Test(heard, after_what_cannot_be_read)
{
    go_on();
    hear('A', "a1{30{a0{0a{0102}}}}");
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
}

Test(heard, after_a_token_without_spnego)
{
    go_on();
    hear('A', NTLM_2);
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
    now.hearing.exchange = 2;
    hear('I', NTLM_1);
    hear('A', reply);
    cr_assert_eq(said(SPNEGO_RULE_RESP_BEFORE_INIT), 1);
}

/* A list that is longer than what is kept: nobody knows what was offered. */
Test(heard, a_list_too_long_to_keep)
{
    static const char choice[] = "a1{30{a0{0a{03}} a1{06{2b0601040101}}}}";

    hear('I', "60{06{2b0601050502} a0{30{a0{30{06{2b06*230} 06{2b06*16}}}}}}"); /* of 256 octets */
    cr_assert_eq(errors(), 0);
    hear('A', choice);
    cr_assert_eq(said(SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED), 1);
    now.hearing.exchange = 2;
    hear('I', "60{06{2b0601050502} a0{30{a0{30{06{2b06*230} 06{2b06*17}}}}}}");
    hear('A', choice);
    cr_assert_eq(said(SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED), 0);
}

Test(heard, a_refusal_is_no_departure)
{
    hear('I', init);
    hear('A', "a1{30{a0{0a{02}}}}");
    cr_assert_eq(errors(), 0);
}

/* RFC 4178 3.2(c): nothing that follows can mend it, so no more is said of it. */
Test(heard, another_mechanism_and_completed)
{
    hear('I', init);
    hear('A', "a1{30{a0{0a{00}} a1{06{2b06010401823702020a}}}}");
    cr_assert_eq(said(SPNEGO_RULE_RESELECTED_UNPROTECTED), 1);
    cr_assert_eq(errors(), 1);
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
}

/* ---- MICs ------------------------------------------------------------------------------------ */

#define WITH_MIC(STATE, INNER, MIC) "a1{30{a0{0a{" STATE "}} " INNER " a3{04{" MIC "}}}}"
#define LONG "'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' "

static void come_to_mics(const char *mic)
{
    hear('I', init);
    hear('A', "a1{30{a0{0a{03}} " CHOICE "a2{04{'X/2'}}}}");
    hear('I', mic);
    cr_assert_eq(errors(), 0);
}

Test(heard, a_mic_that_comes_back)
{
    come_to_mics(WITH_MIC("01", "a2{04{'X/3'}}", LONG));
    hear('A', WITH_MIC("00", "", LONG));
    cr_assert_eq(said(SPNEGO_RULE_MIC_REFLECTED), 1);
    now.hearing.exchange = 2;
    come_to_mics(WITH_MIC("01", "a2{04{'X/3'}}", LONG));
    hear('A', WITH_MIC("00", "", "'another'"));
    cr_assert_eq(errors(), 0);
    /* Longer than what is kept. */
    now.hearing.exchange = 3;
    come_to_mics(WITH_MIC("01", "a2{04{'X/3'}}", LONG "'!'"));
    hear('A', WITH_MIC("00", "", LONG "'!'"));
    cr_assert_eq(errors(), 0);
}

Test(heard, a_second_mic)
{
    come_to_mics(WITH_MIC("01", "a2{04{'X/3'}}", "'one'"));
    hear('A', WITH_MIC("01", "a2{04{'X/4'}}", "'two'"));
    hear('I', "a1{30{a0{0a{01}}}}");
    cr_assert_eq(errors(), 0);
    hear('A', WITH_MIC("00", "", "'three'"));
    cr_assert_eq(said(SPNEGO_RULE_MIC_REPEATED), 1);
}

Test(heard, a_mic_without_octets)
{
    come_to_mics(WITH_MIC("01", "a2{04{'X/3'}}", "'one'"));
    hear('A', WITH_MIC("00", "", ""));
    cr_assert_eq(said(SPNEGO_RULE_MIC_WRONG), 1);
}

/* Old Windows repeats the token; then no MIC has come, and none is asked for. */
Test(heard, a_mic_that_is_the_token)
{
    hear('I', init);
    hear('A', "a1{30{a0{0a{01}} " CHOICE "a2{04{'X/2'}} a3{04{'X/2'}}}}");
    hear('I', "a1{30{a2{04{'X/3'}}}}");
    hear('A', "a1{30{a0{0a{01}} a2{04{'X/4'}}}}");
    hear('I', "a1{30{a2{04{'X/5'}}}}");
    cr_assert_eq(errors(), 0);
    hear('A', WITH_MIC("00", "", "'one'"));
    cr_assert_eq(said(SPNEGO_RULE_MIC_REPEATED), 0);
}

/* The MIC beside the first token counts where its mechanism is chosen, and not where another is. */
Test(heard, a_mic_beside_the_first_token)
{
    hear('I', OFFER "a2{04{'X/1'}} a3{04{'one'}}" OFFER_END);
    hear('A', "a1{30{a0{0a{01}} " CHOICE "a2{04{'X/2'}}}}");
    hear('I', WITH_MIC("01", "a2{04{'X/3'}}", "'two'"));
    cr_assert_eq(said(SPNEGO_RULE_MIC_REPEATED), 1);
    now.hearing.exchange = 2;
    hear('I', OFFER "a2{04{'X/1'}} a3{04{'one'}}" OFFER_END);
    hear('A', "a1{30{a0{0a{03}} a1{06{2b06010401823702020a}}}}");
    hear('I', WITH_MIC("01", "a2{04{'X/3'}}", "'two'"));
    cr_assert_eq(errors(), 0);
}

/* ---- What mechanisms tell ---------------------------------------------------------------------
 */

Test(heard, ntlm_needs_its_messages)
{
    hear('I', NTLM_OFFER);
    hear('A', "a1{30{a0{0a{01}} a1{06{2b06010401823702020a}}}}");
    cr_assert_eq(said(SPNEGO_RULE_RESPONSE_TOKEN_MISSING), 1);
    now.hearing.exchange = 2;
    hear('I', NTLM_OFFER);
    hear('A', NTLM_REPLY);
    cr_assert_eq(said(SPNEGO_RULE_RESPONSE_TOKEN_MISSING), 0);
    hear('I', "a1{30{a2{04{" NTLM_3("10000000") "}}}}");
    cr_assert_eq(said(SPNEGO_RULE_RESPONSE_TOKEN_MISSING), 0);
    hear('A', "a1{30{a0{0a{00}}}}");
    cr_assert_eq(errors(), 0);
    hear('I', "a1{30{a2{04{" NTLM_3("10000000") "}}}}");
    cr_assert_eq(said(SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS), 1);
}

/* MS-NLMP 2.2.2.5: without NTLMSSP_NEGOTIATE_SIGN there is no integrity. */
Test(heard, ntlm_without_integrity)
{
    static const char *const with[] = {"a1{30{a2{04{" NTLM_3("00000000") "}} a3{04{'one'}}}}",
                                       "a1{30{a2{04{" NTLM_3("10000000") "}} a3{04{'one'}}}}"};

    for (size_t i = 0; i < 2; i++) {
        now.hearing.exchange = i + 1;
        hear('I', NTLM_OFFER);
        hear('A', NTLM_REPLY);
        hear('I', with[i]);
        cr_assert_eq(said(SPNEGO_RULE_MIC_WITHOUT_INTEGRITY), i == 0);
    }
}

/* What is required is missing when the acceptor says that all is done. */
Test(heard, a_mic_that_never_came)
{
    hear('I', NTLM_OFFER);
    hear('A', "a1{30{a0{0a{03}} a1{06{2b06010401823702020a}} a2{04{" NTLM_2 "}}}}");
    hear('I', "a1{30{a2{04{" NTLM_3("10000000") "}} a3{04{'one'}}}}");
    cr_assert_eq(said(SPNEGO_RULE_MIC_TOO_EARLY), 0);
    hear('A', "a1{30{a0{0a{00}}}}");
    cr_assert_eq(said(SPNEGO_RULE_MIC_MISSING), 1);
}

/* Of a mechanism that nobody knows it may be that it needs no more tokens, or more. */
Test(heard, an_unknown_mechanism_may_be_complete_or_not)
{
    hear('I', init);
    hear('A', "a1{30{a0{0a{00}} " CHOICE "a2{04{'X/2'}}}}");
    cr_assert_eq(errors(), 0);
    now.hearing.exchange = 2;
    hear('I', init);
    hear('A', "a1{30{a0{0a{01}} " CHOICE "}}");
    cr_assert_eq(errors(), 0);
}

/* Before the mechanism has begun nothing is complete. */
Test(heard, completed_before_it_began)
{
    hear('I', OFFER OFFER_END);
    hear('A', "a1{30{a0{0a{00}} " CHOICE "}}");
    cr_assert_eq(said(SPNEGO_RULE_COMPLETED_TOO_EARLY), 1);
}

/* RFC 4178 3.2: the two take turns.  Who does not may be wrong, but nobody knows for what reason.
 */
Test(heard, somebody_speaks_twice)
{
    static const char done[] = "a1{30{a0{0a{00}}}}";

    hear('I', NTLM_OFFER);
    hear('A', "a1{30{a0{0a{03}} a1{06{2b06010401823702020a}} a2{04{" NTLM_2 "}}}}");
    hear('I', "a1{30{a2{04{" NTLM_3("10000000") "}} a3{04{'one'}}}}");
    hear('I', "a1{30{a0{0a{01}}}}");
    hear('A', done);
    cr_assert_eq(said(SPNEGO_RULE_MIC_MISSING), 0);
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 1);
}

/* RFC 4120 5.9.1: after an error there is nothing to be complete. */
Test(heard, a_mechanism_that_failed)
{
    hear('I', init);
    hear('A', "a1{30{a0{0a{00}} " CHOICE "a2{04{7e{30{}}}}}}");
    hear('A', late);
    cr_assert_eq(said(SPNEGO_RULE_REQUEST_MIC_LATE), 0);
}
