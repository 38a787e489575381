/* A GSS library's own SPNEGO as a peer: of MIT krb5 or, with -DHEIMDAL, of Heimdal. */
#include "peer.h"

#ifndef HEIMDAL
#include <gssapi/gssapi_ext.h>
#endif

#include <stdio.h>
#include <string.h>

static gss_OID_desc spnego = {6, "\x2b\x06\x01\x05\x05\x02"};

static const struct {
    const char *name;
    gss_OID_desc oid;
} mechs_known[] = {
    {"krb5", {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"}},
    {"ntlm", {10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"}},
};

static struct {
    const peer *options;
    gss_cred_id_t cred;
    gss_cred_id_t delegated;
    gss_ctx_id_t context;
    gss_buffer_desc out;
    OM_uint32 major, minor, flags;
} side;

bool side_option(const char *name, char *value)
{
    (void)name;
    (void)value;
    return false;
}

#ifndef HEIMDAL
static gss_OID_desc mech_of(const char *name)
{
    for (size_t i = 0; i < PEER_COUNT(mechs_known); i++)
        if (strcmp(mechs_known[i].name, name) == 0)
            return mechs_known[i].oid;
    peer_die("unknown mechanism");
}
#endif

/* A credential that lets SPNEGO offer or take exactly the mechanisms that were named. */
void side_begin(const peer *self)
{
    side.options = self;
    if (self->num_mechs == 0)
        return;
#ifdef HEIMDAL
    peer_die("Heimdal 7 has no gss_set_neg_mechs: leave --mechs out");
#else
    gss_OID_set_desc only_spnego = {1, &spnego};
    gss_OID_desc wanted[PEER_MAX_MECHS];
    gss_OID_set_desc set = {self->num_mechs, wanted};
    OM_uint32 minor;

    for (size_t i = 0; i < self->num_mechs; i++)
        wanted[i] = mech_of(self->mechs[i]);
    if (gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &only_spnego,
                         self->initiator ? GSS_C_INITIATE : GSS_C_ACCEPT, &side.cred, NULL,
                         NULL) != GSS_S_COMPLETE)
        peer_die("no credential for SPNEGO");
    if (gss_set_neg_mechs(&minor, side.cred, &set) != GSS_S_COMPLETE)
        peer_die("gss_set_neg_mechs refused");
#endif
}

peer_verdict side_step(gss_buffer_t out, gss_buffer_t in)
{
    const peer *options = side.options;
    OM_uint32 minor;

    gss_release_buffer(&minor, &side.out);
    if (options->initiator)
        side.major = gss_init_sec_context(&side.minor, side.cred, &side.context, options->target,
                                          &spnego, options->flags, 0, options->bindings, in, NULL,
                                          &side.out, &side.flags, NULL);
    else
        side.major =
            gss_accept_sec_context(&side.minor, &side.context, side.cred, in, options->bindings,
                                   NULL, NULL, &side.out, &side.flags, NULL, &side.delegated);
    *out = side.out;
    if (GSS_ERROR(side.major))
        return PEER_FAILURE;
    return (side.major & GSS_S_CONTINUE_NEEDED) != 0 ? PEER_CONTINUE : PEER_COMPLETE;
}

static void print_status(OM_uint32 code, int kind)
{
    OM_uint32 minor, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;

    if (gss_display_status(&minor, code, kind, GSS_C_NO_OID, &more, &text) == GSS_S_COMPLETE) {
        printf(" %.*s.", (int)text.length, (const char *)text.value);
        gss_release_buffer(&minor, &text);
    }
}

static void print_mech(void)
{
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 minor;

    if (gss_inquire_context(&minor, side.context, NULL, NULL, NULL, &mech, NULL, NULL, NULL) !=
            GSS_S_COMPLETE ||
        mech == GSS_C_NO_OID)
        return;
    for (size_t i = 0; i < PEER_COUNT(mechs_known); i++)
        if (mech->length == mechs_known[i].oid.length &&
            memcmp(mech->elements, mechs_known[i].oid.elements, mech->length) == 0)
            printf(" mech=%s", mechs_known[i].name);
}

void side_explain(peer_verdict verdict)
{
    if (verdict == PEER_FAILURE) {
        print_status(side.major, GSS_C_GSS_CODE);
        print_status(side.minor, GSS_C_MECH_CODE);
    } else if (verdict == PEER_COMPLETE) {
        print_mech();
        peer_print_flags(" flags=", side.flags);
        if (side.delegated != GSS_C_NO_CREDENTIAL)
            printf(" delegated");
    }
}

gss_ctx_id_t side_context(void)
{
    return side.context;
}

void side_end(void)
{
    OM_uint32 minor;

    gss_release_buffer(&minor, &side.out);
    gss_release_cred(&minor, &side.delegated);
    gss_release_cred(&minor, &side.cred);
    gss_delete_sec_context(&minor, &side.context, GSS_C_NO_BUFFER);
}
