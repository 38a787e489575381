/*
 * mech_gss.h - mechanisms for spnego_config.mechs, over a GSS library's raw Kerberos and NTLM.
 *
 * The negotiation is ours, the mechanism is the library's, whose own SPNEGO is never called.  One
 * source for MIT krb5, with gss-ntlmssp if that is installed, and for Heimdal; a process has one of
 * the two.
 *
 *     mech_gss krb5 = {.role = SPNEGO_INITIATOR, .target = name, .req_flags = GSS_C_MUTUAL_FLAG};
 *     mech_gss ntlm = krb5;
 *     const spnego_mech mechs[] = {mech_gss_krb5(&krb5), mech_gss_ntlmssp(&ntlm)};
 *
 *     ... config.mechs = mechs, create, step until COMPLETE, use, destroy ...
 *
 *     mech_gss_release(&krb5);
 *     mech_gss_release(&ntlm);
 */
#ifndef SPNEGO_MECH_GSS_H
#define SPNEGO_MECH_GSS_H

#include <spnego/negotiate.h>

#include <gssapi/gssapi.h>

/* One instance: one mechanism on one side of one negotiation.  Zero it, then set what is needed. */
typedef struct mech_gss {
    /* The host's; what is pointed at is borrowed until mech_gss_release. */
    spnego_role role;
    gss_name_t target;               /* initiator: whom to reach                              */
    OM_uint32 req_flags;             /* initiator: GSS_C_*_FLAG                               */
    gss_channel_bindings_t bindings; /* NULL: none                                            */
    gss_cred_id_t cred;              /* NULL: the library's default for this mechanism alone  */

    /* For the host to read; `context` is its own to use once the negotiation is COMPLETE. */
    gss_ctx_id_t context;
    OM_uint32 ret_flags;
    gss_cred_id_t delegated; /* acceptor: what GSS_C_DELEG_FLAG brought, or NULL */

    /* The mechanism's own. */
    int prepared;                                    /* a carrier said what is wanted     */
    gss_name_t own_target;                           /* of spnego_request                 */
    struct gss_channel_bindings_struct own_bindings; /* the same; its data is allocated   */
    gss_OID oid;
    gss_cred_id_t default_cred;
    int needs_mic;
    int signs_apart; /* NTLM: a message that is only signed is a signature and the text */
} mech_gss;

/* Each returns the entry for a list of mechanisms, with `self` as its instance.  mech_gss_ms_krb5
 * is Kerberos under the number that MS-SPNG 3.1.5.2 knows it by; on the wire it differs in
 * mechTypes and supportedMech alone. */
spnego_mech mech_gss_krb5(mech_gss *self);
spnego_mech mech_gss_ms_krb5(mech_gss *self);
spnego_mech mech_gss_ntlmssp(mech_gss *self);

/* mech_gss_release deletes the security context and the credentials that are the instance's own,
 * after spnego_context_destroy.  A host that wants to keep `context` or `delegated` takes it and
 * puts NULL in its place. */
void mech_gss_release(mech_gss *self);

#endif /* SPNEGO_MECH_GSS_H */
