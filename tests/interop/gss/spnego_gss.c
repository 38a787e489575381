/*
 * spnego_gss.c - this library's negotiation behind the GSS-API, for programs as they are.
 *
 * A module for the mechanism layer of MIT krb5's GSS library ("mechglue"), of the kind that stands
 * in for a mechanism that is already there: here SPNEGO.  A program calls gss_init_sec_context or
 * gss_accept_sec_context for SPNEGO as ever; the layer calls the gssi_* functions below, and those
 * call our negotiation, over the GSS library's raw Kerberos and NTLM.  The layer keeps what is ours
 * apart from what is not: a handle of ours comes back to these functions and to no others, and calls
 * for Kerberos or NTLM by name never pass here, so there is no way round in a circle.
 *
 * To load it, name a file in the environment as GSS_MECH_CONFIG with a line
 *
 *     spnego 1.3.6.1.4.1.32473.3 /where/it/is/spnego_gss.so <interposer>
 *
 * and, if NTLM is wanted, that of gss-ntlmssp.  With SPNEGO_GSS_EVENTS in the environment, each event
 * of each negotiation is a line at the end of the file of that name.
 */
#define _GNU_SOURCE /* secure_getenv */
#include "../mech_gss.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gssapi/gssapi_alloc.h>
#include <gssapi/gssapi_ext.h>

#define EXPORT __attribute__((visibility("default")))

static gss_OID_desc spnego_oid = {6, "\x2b\x06\x01\x05\x05\x02"};

/* ---- The mechanisms beneath ---------------------------------------------------------------- */

/* Each in its place, most preferred first. */
enum { KRB5, NTLMSSP, NUM_MECHS };

static void list_mechs(spnego_mech list[NUM_MECHS], mech_gss instances[NUM_MECHS])
{
    list[KRB5] = mech_gss_krb5(&instances[KRB5]);
    list[NTLMSSP] = mech_gss_ntlmssp(&instances[NTLMSSP]);
}

/* ---- What the layer asks first ------------------------------------------------------------- */

static gss_OID_set set_of_spnego(void)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    if (gss_create_empty_oid_set(&minor, &set) == GSS_S_COMPLETE &&
        gss_add_oid_set_member(&minor, &spnego_oid, &set) != GSS_S_COMPLETE)
        (void)gss_release_oid_set(&minor, &set);
    return set;
}

EXPORT gss_OID_set gss_mech_interposer(gss_OID module);

gss_OID_set gss_mech_interposer(gss_OID module)
{
    (void)module;
    return set_of_spnego();
}

/* ---- Status codes -------------------------------------------------------------------------- */

/* Our minor codes are the rule that was broken, from here on; a mechanism's are passed through. */
#define MINOR_BASE 0x53504e00u

static OM_uint32 minor_of(const spnego_error *error)
{
    if (error->mech_code.code != 0)
        return (OM_uint32)error->mech_code.code;
    return MINOR_BASE + (OM_uint32)error->rule;
}

static OM_uint32 copy_out(gss_buffer_t out, const void *data, size_t len)
{
    out->length = 0;
    out->value = NULL;
    if (len == 0)
        return GSS_S_COMPLETE;
    out->value = gssalloc_malloc(len);
    if (out->value == NULL)
        return GSS_S_FAILURE;
    memcpy(out->value, data, len);
    out->length = len;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gssi_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mech,
                                     OM_uint32 *more, gss_buffer_t text);

OM_uint32 gssi_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mech,
                              OM_uint32 *more, gss_buffer_t text)
{
    spnego_mech list[NUM_MECHS];
    mech_gss instances[NUM_MECHS] = {0};
    const spnego_rule_text *rule;

    (void)mech;
    list_mechs(list, instances);
    rule = type == GSS_C_MECH_CODE && value > MINOR_BASE
               ? spnego_rule_describe((spnego_rule)(value - MINOR_BASE))
               : NULL;
    /* Not ours: the layer knows whose it is.  Asked for Kerberos, it will not ask us again. */
    if (rule == NULL)
        return gss_display_status(minor, value, type, instances[KRB5].oid, more, text);
    *minor = 0;
    *more = 0;
    return copy_out(text, rule->sentence, strlen(rule->sentence));
}
