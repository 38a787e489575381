#include "nego/settle.h"

/*@ requires \valid(v);
    assigns *v;
    ensures v->rule == SPNEGO_RULE_NONE && v->complete == 0 && v->send == 0 && v->send_mic == 0;
*/
static void nothing_yet(nego_verdict *v)
{
    v->rule = SPNEGO_RULE_NONE;
    v->field = SPNEGO_FIELD_NONE;
    v->complete = 0;
    v->send = 0;
    v->neg_state = SPNEGO_ACCEPT_INCOMPLETE;
    v->send_mic = 0;
    v->quirk = 0;
}

/*@ requires \valid(v);
    requires rule != SPNEGO_RULE_NONE;
    assigns v->rule, v->field;
    ensures v->rule == rule;
*/
static void refuse(nego_verdict *v, spnego_rule rule, spnego_field field)
{
    v->rule = rule;
    v->field = field;
}

/*@ requires \valid(v);
    assigns v->send, v->neg_state, v->send_mic;
    ensures v->send == 1 && v->send_mic == send_mic;
*/
static void send(nego_verdict *v, int neg_state, int send_mic)
{
    v->send = 1;
    v->neg_state = neg_state;
    v->send_mic = send_mic;
}

spnego_rule nego_mic_allowed(const nego_facts *f)
{
    /* RFC 4178 5: a MIC is made with the established mechanism context. */
    if (!f->complete)
        return SPNEGO_RULE_MIC_TOO_EARLY;
    if (f->verified)
        return SPNEGO_RULE_MIC_REPEATED;
    if (!f->integrity)
        return SPNEGO_RULE_MIC_WITHOUT_INTEGRITY;
    return SPNEGO_RULE_NONE;
}

/* accept-incomplete from an acceptor to which nothing is owed (RFC 4178 5(b)III against 4.2.2). */
/*@ requires \valid(v) && \valid_read(f) && \separated(v, f);
    requires v->rule == SPNEGO_RULE_NONE && v->send_mic == 0;
    requires f->complete != 0;
    requires mic_needed(f) ==> (f->verified != 0 && f->sent != 0);
    assigns *v;
    ensures verdict_sound(v, f);
    ensures v->rule == SPNEGO_RULE_NONE ==> v->send_mic == 0;
*/
static void end_of_incomplete(nego_verdict *v, const nego_facts *f)
{
    if (!(f->quirks & SPNEGO_QUIRK_INCOMPLETE_AT_END)) {
        refuse(v, SPNEGO_RULE_INCOMPLETE_AT_END, SPNEGO_FIELD_NEG_STATE);
        return;
    }
    v->quirk = SPNEGO_QUIRK_INCOMPLETE_AT_END;
    v->complete = 1;
    send(v, SPNEGO_ACCEPT_COMPLETED, 0);
}

/* The initiator's mechanism is complete and has said its last word earlier, or has none. */
/*@ requires \valid(v) && \valid_read(f) && \separated(v, f);
    requires v->rule == SPNEGO_RULE_NONE && v->send_mic == 0 && v->complete == 0;
    requires f->complete != 0 && f->has_token == 0;
    assigns *v;
    ensures verdict_sound(v, f);
    ensures verdict_signs_once(v, f);
*/
static void initiator_ends(nego_verdict *v, const nego_facts *f)
{
    const int needed = f->required && f->integrity;

    /* RFC 4178 5(b)IV, 5(c): whoever sends the mechanism's last token, the acceptor's MIC is there
     * by now if it is needed at all. */
    if (needed && !f->verified) {
        refuse(v, SPNEGO_RULE_MIC_MISSING, SPNEGO_FIELD_MECH_LIST_MIC);
        return;
    }
    if (needed && !f->sent) {
        if (f->neg_state == SPNEGO_ACCEPT_COMPLETED) {
            refuse(v, SPNEGO_RULE_COMPLETED_TOO_EARLY, SPNEGO_FIELD_NEG_STATE);
            return;
        }
        /* RFC 4178 5(b)I, 5(c)IV */
        v->complete = 1;
        send(v, SPNEGO_ACCEPT_COMPLETED, 1);
        return;
    }
    if (f->neg_state == SPNEGO_ACCEPT_COMPLETED || f->neg_state == NEGO_NO_STATE) {
        v->complete = 1; /* RFC 4178 5(b)III, 5(c)I, 5(c)III; 4.2.2 for the absent one */
        return;
    }
    if (f->neg_state == SPNEGO_REQUEST_MIC && !needed) {
        /* RFC 4178 5: without integrity there is no MIC to send, but the acceptor waits. */
        v->complete = 1;
        send(v, SPNEGO_ACCEPT_COMPLETED, 0);
        return;
    }
    end_of_incomplete(v, f);
}

void nego_settle_initiator(nego_verdict *v, const nego_facts *f)
{
    nothing_yet(v);
    if (f->neg_state == SPNEGO_ACCEPT_COMPLETED && (!f->complete || f->has_token)) {
        refuse(v, SPNEGO_RULE_COMPLETED_TOO_EARLY, SPNEGO_FIELD_NEG_STATE);
        return;
    }
    if (!f->complete) {
        send(v, SPNEGO_ACCEPT_INCOMPLETE, 0);
        return;
    }
    /* Old Windows leaves out request-mic only where the initiator sends last, and then MICs go both
     * ways or there is no protection at all. */
    if (f->unprotected && (!f->integrity || (!f->has_token && !f->sent))) {
        refuse(v, SPNEGO_RULE_RESELECTED_UNPROTECTED, SPNEGO_FIELD_NEG_STATE);
        return;
    }
    if (f->has_token) {
        /* RFC 4178 5(c).  Always accept-incomplete: Windows expects an even number of messages. */
        send(v, SPNEGO_ACCEPT_INCOMPLETE, f->required && f->integrity && !f->sent);
        return;
    }
    initiator_ends(v, f);
}

/* The acceptor's mechanism is complete, MICs are needed, and the initiator's has not come. */
/*@ requires \valid(v) && \valid_read(f) && \separated(v, f);
    requires v->rule == SPNEGO_RULE_NONE && v->send_mic == 0 && v->complete == 0;
    requires f->complete != 0 && mic_needed(f) && f->verified == 0;
    assigns *v;
    ensures v->rule == SPNEGO_RULE_NONE ==> v->complete == 0 && v->send != 0;
    ensures verdict_signs_once(v, f);
*/
static void acceptor_signs_first(nego_verdict *v, const nego_facts *f)
{
    /* RFC 4178 5(c)V, except that in the first reply the initiator could not yet know: 5(c)IV. */
    if (!f->first_reply && !f->has_token) {
        refuse(v, SPNEGO_RULE_MIC_MISSING, SPNEGO_FIELD_MECH_LIST_MIC);
        return;
    }
    if (f->neg_state == SPNEGO_ACCEPT_COMPLETED) {
        refuse(v, SPNEGO_RULE_COMPLETED_TOO_EARLY, SPNEGO_FIELD_NEG_STATE);
        return;
    }
    send(v, f->first_reply ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE, !f->sent);
}

void nego_settle_acceptor(nego_verdict *v, const nego_facts *f)
{
    nothing_yet(v);
    if (!f->complete) {
        if (f->neg_state == SPNEGO_ACCEPT_COMPLETED) {
            refuse(v, SPNEGO_RULE_COMPLETED_TOO_EARLY, SPNEGO_FIELD_NEG_STATE);
            return;
        }
        /* RFC 4178 3.2(c)II and III */
        send(v, f->first_reply && f->asks ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE, 0);
        return;
    }
    if (f->required && f->integrity && !f->verified) {
        acceptor_signs_first(v, f);
        return;
    }
    if (f->neg_state == SPNEGO_ACCEPT_COMPLETED) {
        if (f->has_token || (f->required && f->integrity && !f->sent)) {
            refuse(v, SPNEGO_RULE_COMPLETED_TOO_EARLY, SPNEGO_FIELD_NEG_STATE);
            return;
        }
        v->complete = 1; /* it waits for nothing */
        return;
    }
    /* RFC 4178 5(c)I with a MIC, 5(b) and 5(c)III without. */
    v->complete = 1;
    send(v, SPNEGO_ACCEPT_COMPLETED, f->required && f->integrity && !f->sent);
}

void nego_settle_last(nego_verdict *v, const nego_facts *f)
{
    nothing_yet(v);
    if (!f->complete || !f->verified) {
        refuse(v, SPNEGO_RULE_MIC_MISSING, SPNEGO_FIELD_MECH_LIST_MIC); /* RFC 4178 5(b)I, 5(c)IV */
        return;
    }
    if (f->neg_state != SPNEGO_ACCEPT_COMPLETED) {
        if (f->quirks & SPNEGO_QUIRK_ANSWER_LAST_MIC) {
            v->quirk = SPNEGO_QUIRK_ANSWER_LAST_MIC;
            send(v, SPNEGO_ACCEPT_COMPLETED, 0);
        } else if (f->neg_state != NEGO_NO_STATE) {
            refuse(v, SPNEGO_RULE_INCOMPLETE_AT_END, SPNEGO_FIELD_NEG_STATE);
            return;
        }
    }
    v->complete = 1;
}
