/* Mechanisms over a GSS library: what a host writes to plug one in. */
#include "mech_gss.h"

#ifndef HEIMDAL
#include <gssapi/gssapi_ext.h>
#endif

#include <stdlib.h>
#include <string.h>

/* ---- Between the types of the two worlds --------------------------------------------------- */

/* The GSS-API takes what it only reads without const. */
static gss_buffer_desc buffer_of(spnego_bytes bytes)
{
    const gss_buffer_desc buffer = {bytes.len, (void *)(uintptr_t)bytes.data};

    return buffer;
}

/* The library's memory ends here: the sink has copied. */
static void move_to_sink(spnego_sink *out, gss_buffer_t buffer)
{
    OM_uint32 minor;

    if (buffer->length != 0)
        spnego_sink_write(out, buffer->value, buffer->length);
    (void)gss_release_buffer(&minor, buffer);
}

/* Nothing but GSS_S_COMPLETE is success; of a replayed or misplaced message there are supplementary
 * bits (RFC 2743 1.2.3). */
static spnego_mech_result done(spnego_mech_code *code, OM_uint32 major, OM_uint32 minor)
{
    if (major == GSS_S_COMPLETE)
        return SPNEGO_MECH_COMPLETE;
    code->gss_major = major;
    code->code = (int32_t)minor;
    return SPNEGO_MECH_FAILED;
}

/* ---- Establishing -------------------------------------------------------------------------- */

static int same_oid(gss_OID a, gss_OID b)
{
    return a->length == b->length && memcmp(a->elements, b->elements, a->length) == 0;
}

/* The credential to use: the host's, or the default of this mechanism and of no other. */
static gss_cred_id_t credential(mech_gss *self)
{
    gss_OID_set_desc only_this = {1, self->oid};
    OM_uint32 minor;

    if (self->cred != GSS_C_NO_CREDENTIAL)
        return self->cred;
    if (self->default_cred == GSS_C_NO_CREDENTIAL)
        (void)gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &only_this,
                               self->role == SPNEGO_INITIATOR ? GSS_C_INITIATE : GSS_C_ACCEPT,
                               &self->default_cred, NULL, NULL);
    return self->default_cred;
}

/* Without a credential the mechanism is left out of the offer, or passed over (RFC
 * 4178 3.1, 4.2.1). A ticket that has expired is none. */
static int available(void *instance)
{
    mech_gss *self = instance;
    const gss_cred_id_t cred = credential(self);
    OM_uint32 minor, to_initiate = 0, to_accept = 0;

    if (cred == GSS_C_NO_CREDENTIAL ||
        gss_inquire_cred_by_mech(&minor, cred, self->oid, NULL, &to_initiate, &to_accept, NULL) !=
            GSS_S_COMPLETE)
        return 0;
    return (self->role == SPNEGO_INITIATOR ? to_initiate : to_accept) != 0;
}

/* MIT krb5 asks for integrity and confidentiality whatever the caller asked for, but for a
 * credential that says otherwise (GSS_KRB5_CRED_NO_CI_FLAGS_X). */
static void ask_for_no_more(mech_gss *self)
{
    static gss_OID_desc no_ci_flags = {6, "\x2a\x85\x70\x2b\x0d\x1d"};
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t cred = credential(self);
    OM_uint32 minor;

    if (cred != GSS_C_NO_CREDENTIAL)
        (void)gss_set_cred_option(&minor, &cred, &no_ci_flags, &nothing);
}

/* What the carrier's protocol asks for takes the place of what the host has set. */
static void prepare(void *instance, const spnego_request *request)
{
    mech_gss *self = instance;
    gss_buffer_desc name = buffer_of(request->target);
    const spnego_bytes bindings = request->channel_bindings;
    OM_uint32 minor;

    self->prepared = 1;
    self->req_flags = request->flags & 0xffffu;
    if (request->target.data != NULL && gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE,
                                                        &self->own_target) == GSS_S_COMPLETE)
        self->target = self->own_target;
    if (self->role == SPNEGO_INITIATOR && !(self->req_flags & (GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG)))
        ask_for_no_more(self);
    if (bindings.data == NULL)
        return;
    self->own_bindings.application_data.value = malloc(bindings.len + 1);
    if (self->own_bindings.application_data.value == NULL)
        abort();
    memcpy(self->own_bindings.application_data.value, bindings.data, bindings.len);
    self->own_bindings.application_data.length = bindings.len;
    self->bindings = &self->own_bindings;
}

/* Unless a carrier knows better, integrity is asked for in any case: without it the list of
 * mechanisms cannot be protected. */
static OM_uint32 run_initiator(mech_gss *self, OM_uint32 *minor, gss_buffer_t in, gss_buffer_t out)
{
    return gss_init_sec_context(minor, credential(self), &self->context, self->target, self->oid,
                                self->req_flags | (self->prepared ? 0 : GSS_C_INTEG_FLAG),
                                GSS_C_INDEFINITE, self->bindings, in, NULL, out, &self->ret_flags,
                                NULL);
}

/* gss_accept_sec_context goes by what the token says of its mechanism.  One that is not the
 * negotiated one must not get through: neither NTLM where Kerberos was chosen, nor SPNEGO. */
static OM_uint32 run_acceptor(mech_gss *self, OM_uint32 *minor, gss_buffer_t in, gss_buffer_t out)
{
    gss_OID actual = GSS_C_NO_OID;
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    const OM_uint32 major =
        gss_accept_sec_context(minor, &self->context, credential(self), in, self->bindings, NULL,
                               &actual, out, &self->ret_flags, NULL, &delegated);

    if (delegated != GSS_C_NO_CREDENTIAL) { /* with one of several tokens */
        OM_uint32 ignored;

        (void)gss_release_cred(&ignored, &self->delegated);
        self->delegated = delegated;
    }
    if (!GSS_ERROR(major) && actual != GSS_C_NO_OID && !same_oid(actual, self->oid)) {
        (void)gss_release_buffer(minor, out);
        return GSS_S_DEFECTIVE_TOKEN;
    }
    return major;
}

/* An initiator may learn only here that it has no credential, as with a ticket that has expired; an
 * acceptor's `available` has said so before.  A general failure is not among these: who can keep us
 * from the KDC must not thereby choose NTLM. */
static int lacks_credential(OM_uint32 major)
{
    const OM_uint32 error = GSS_ROUTINE_ERROR(major);

    return error == GSS_S_NO_CRED || error == GSS_S_CREDENTIALS_EXPIRED ||
           error == GSS_S_BAD_MECH || error == GSS_S_UNAVAILABLE;
}

/* 1.3.6.1.4.1.7165.655.1.2.  To ask tells NTLM that its host can exchange mechListMICs; it then
 * protects its own messages with a MIC as well.  So it is asked while it still can.  The answer is
 * one octet: 1 if it did that, and mechListMICs are due even though it was the first choice. */
static gss_OID_desc needs_mic_oid = {11, "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x02"};

static void ask_needs_mic(mech_gss *self)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (self->context == GSS_C_NO_CONTEXT ||
        gss_inquire_sec_context_by_oid(&minor, self->context, &needs_mic_oid, &answer) !=
            GSS_S_COMPLETE)
        return; /* not NTLM */
    self->needs_mic = answer != GSS_C_NO_BUFFER_SET && answer->count == 1 &&
                      answer->elements[0].length == 1 &&
                      *(const uint8_t *)answer->elements[0].value == 1;
    (void)gss_release_buffer_set(&minor, &answer);
}

static spnego_mech_result step(void *instance, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    mech_gss *self = instance;
    const int first = self->context == GSS_C_NO_CONTEXT;
    gss_buffer_desc token_in = buffer_of(in), token_out = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    if (self->role == SPNEGO_INITIATOR)
        major =
            run_initiator(self, &minor, in.data == NULL ? GSS_C_NO_BUFFER : &token_in, &token_out);
    else
        major = run_acceptor(self, &minor, &token_in, &token_out);
    move_to_sink(out, &token_out); /* of a failure too: RFC 2743 2.2.1 has error tokens */
    if (major == GSS_S_CONTINUE_NEEDED || major == GSS_S_COMPLETE)
        ask_needs_mic(self);
    if (major == GSS_S_CONTINUE_NEEDED)
        return SPNEGO_MECH_CONTINUE;
    if (first && self->role == SPNEGO_INITIATOR && lacks_credential(major))
        return SPNEGO_MECH_UNAVAILABLE;
    return done(code, major, minor);
}

/* Where the mechanism stands: the flags of a context that is not yet complete count for nothing
 * with the negotiation but ANON (RFC 7546 3.1).  What other bits there are belongs to the library.
 */
static uint32_t query(void *instance)
{
    const mech_gss *self = instance;

    return (self->ret_flags & 0xffffu) | (self->needs_mic ? SPNEGO_FLAG_NEEDS_MIC : 0);
}

/* It was not chosen, or all has failed. */
static void abandon(void *instance)
{
    mech_gss *self = instance;
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &self->context, GSS_C_NO_BUFFER);
    self->ret_flags = 0;
}

/* ---- Signing ------------------------------------------------------------------------------- */

static spnego_mech_result get_mic(void *instance, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message)
{
    const mech_gss *self = instance;
    gss_buffer_desc text = buffer_of(message), signature = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    const OM_uint32 major =
        gss_get_mic(&minor, self->context, GSS_C_QOP_DEFAULT, &text, &signature);

    move_to_sink(mic, &signature);
    return done(code, major, minor);
}

static spnego_mech_result verify_mic(void *instance, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic)
{
    const mech_gss *self = instance;
    gss_buffer_desc text = buffer_of(message), signature = buffer_of(mic);
    OM_uint32 minor;
    const OM_uint32 major = gss_verify_mic(&minor, self->context, &text, &signature, NULL);

    return done(code, major, minor);
}

/* The peer chose another mechanism first, or asked for MICs: NTLM is told before its last message.
 */
static void mic_expected(void *instance)
{
    ask_needs_mic(instance);
}

/* 1.3.6.1.4.1.7165.655.1.3.  NTLM: the RC4 state and sequence number of this direction go back, and
 * the application's first message is signed as if there had been no mechListMIC (MS-SPNG 3.2.5.1,
 * 3.3.5.1).  The value is 0 for what is signed and 1 for what is verified, in four octets, least
 * significant first.  Others do not know this option. */
static gss_OID_desc reset_crypto_oid = {11, "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x03"};

static void mic_done(void *instance, int verified)
{
    mech_gss *self = instance;
    gss_buffer_desc direction = {4, verified ? "\1\0\0\0" : "\0\0\0\0"};
    OM_uint32 minor;

    (void)gss_set_sec_context_option(&minor, &self->context, &reset_crypto_oid, &direction);
}

/* ---- Data, once established ---------------------------------------------------------------- */

/* gss-ntlmssp seals whatever it is asked for.  Without confidentiality a wrapped message of NTLM is
 * the signature and then the text (MS-NLMP 3.4.4, 3.4.6). */
enum { NTLM_SIGNATURE_LEN = 16 };

static int is_signed_only(const mech_gss *self)
{
    return self->signs_apart && (self->ret_flags & GSS_C_CONF_FLAG) == 0;
}

static spnego_mech_result wrap(void *instance, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes message, int conf)
{
    const mech_gss *self = instance;
    gss_buffer_desc text = buffer_of(message), wrapped = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    int encrypted = 0;

    if (!conf && is_signed_only(self)) {
        const spnego_mech_result result = get_mic(instance, out, code, message);

        spnego_sink_write(out, message.data, message.len);
        return result;
    }
    major = gss_wrap(&minor, self->context, conf, GSS_C_QOP_DEFAULT, &text, &encrypted, &wrapped);
    move_to_sink(out, &wrapped);
    /* Who asks for encryption must not get less. */
    if (major == GSS_S_COMPLETE && conf && !encrypted)
        return SPNEGO_MECH_FAILED;
    return done(code, major, minor);
}

static spnego_mech_result unwrap(void *instance, spnego_sink *out, spnego_mech_code *code,
                                 int *out_conf, spnego_bytes message)
{
    const mech_gss *self = instance;
    gss_buffer_desc wrapped = buffer_of(message), text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    if (is_signed_only(self) && message.len >= NTLM_SIGNATURE_LEN) {
        const spnego_bytes mic = {message.data, NTLM_SIGNATURE_LEN};
        const spnego_bytes rest = {message.data + NTLM_SIGNATURE_LEN,
                                   message.len - NTLM_SIGNATURE_LEN};

        spnego_sink_write(out, rest.data, rest.len);
        return verify_mic(instance, code, rest, mic);
    }
    major = gss_unwrap(&minor, self->context, &wrapped, &text, out_conf, NULL);
    if (major == GSS_S_COMPLETE)
        move_to_sink(out, &text);
    return done(code, major, minor);
}

/* ---- Moving ---------------------------------------------------------------------------------- */

/* Complete contexts only: the GSS-API exports no others (RFC 2743 2.2.8). */
static spnego_mech_result export_state(void *instance, spnego_sink *out)
{
    mech_gss *self = instance;
    gss_buffer_desc state = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (gss_export_sec_context(&minor, &self->context, &state) != GSS_S_COMPLETE)
        return SPNEGO_MECH_FAILED;
    move_to_sink(out, &state);
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result import_state(void *instance, spnego_bytes octets)
{
    mech_gss *self = instance;
    gss_buffer_desc state = buffer_of(octets);
    OM_uint32 minor;

    if (gss_import_sec_context(&minor, &state, &self->context) != GSS_S_COMPLETE ||
        gss_inquire_context(&minor, self->context, NULL, NULL, NULL, NULL, &self->ret_flags, NULL,
                            NULL) != GSS_S_COMPLETE)
        return SPNEGO_MECH_FAILED;
    ask_needs_mic(self);
    return SPNEGO_MECH_COMPLETE;
}

/* ---- The mechanisms ------------------------------------------------------------------------ */

/* 1.2.840.113554.1.2.2, 1.2.840.48018.1.2.2, 1.3.6.1.4.1.311.2.2.10 */
#define KRB5_OID "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define MS_KRB5_OID "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"
#define NTLMSSP_OID "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"

#define OPS(mech_name, mech_oid) \
    { \
        .struct_size = sizeof(spnego_mech_ops), .name = mech_name, \
        .oid = {(const uint8_t *)mech_oid, sizeof mech_oid - 1}, .step = step, .query = query, \
        .available = available, .get_mic = get_mic, .verify_mic = verify_mic, .wrap = wrap, \
        .unwrap = unwrap, .mic_expected = mic_expected, .mic_done = mic_done, .abandon = abandon, \
        .export_state = export_state, .import_state = import_state, .prepare = prepare \
    }

static const spnego_mech_ops krb5_ops = OPS("krb5", KRB5_OID);
static const spnego_mech_ops ms_krb5_ops = OPS("ms-krb5", MS_KRB5_OID);
static const spnego_mech_ops ntlmssp_ops = OPS("ntlmssp", NTLMSSP_OID);

static gss_OID_desc gss_krb5 = {sizeof KRB5_OID - 1, KRB5_OID};
static gss_OID_desc gss_ntlmssp = {sizeof NTLMSSP_OID - 1, NTLMSSP_OID};

static spnego_mech entry(const spnego_mech_ops *ops, mech_gss *self, gss_OID oid)
{
    const spnego_mech mech = {.ops = ops, .self = self};

    self->oid = oid;
    return mech;
}

spnego_mech mech_gss_krb5(mech_gss *self)
{
    return entry(&krb5_ops, self, &gss_krb5);
}

spnego_mech mech_gss_ms_krb5(mech_gss *self)
{
    return entry(&ms_krb5_ops, self, &gss_krb5);
}

spnego_mech mech_gss_ntlmssp(mech_gss *self)
{
    self->signs_apart = 1;
    return entry(&ntlmssp_ops, self, &gss_ntlmssp);
}

void mech_gss_release(mech_gss *self)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &self->context, GSS_C_NO_BUFFER);
    (void)gss_release_cred(&minor, &self->default_cred);
    (void)gss_release_cred(&minor, &self->delegated);
    (void)gss_release_name(&minor, &self->own_target);
    free(self->own_bindings.application_data.value);
    self->own_bindings.application_data.value = NULL;
}
