/* One side of a SPNEGO exchange, over the GSS-API of MIT krb5 or, with -DHEIMDAL, of Heimdal.
 *
 *   gss_peer init   [--target SERVICE@HOST] [--mechs LIST] [--flags LIST] [--bind TEXT]
 *   gss_peer accept [--mechs LIST] [--bind TEXT]
 *
 * Each line read is the peer's token in hex, or "-" for none; each line written is
 * "continue|complete|failure HEX|- [message]".  converse.py plays two of these against each other.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>
#ifdef HEIMDAL
#include <gssapi/gssapi_spnego.h>
#else
#include <gssapi/gssapi_ext.h>
#endif

static gss_OID_desc spnego = {6, "\x2b\x06\x01\x05\x05\x02"};

static const struct {
    const char *name;
    gss_OID_desc oid;
} mechs_known[] = {
    {"krb5", {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"}},
    {"ntlm", {10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"}},
};

static const struct {
    const char *name;
    OM_uint32 bit;
} flags_known[] = {
    {"mutual", GSS_C_MUTUAL_FLAG},     {"integ", GSS_C_INTEG_FLAG}, {"conf", GSS_C_CONF_FLAG},
    {"replay", GSS_C_REPLAY_FLAG},     {"dce", GSS_C_DCE_STYLE},    {"deleg", GSS_C_DELEG_FLAG},
    {"sequence", GSS_C_SEQUENCE_FLAG},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void die(const char *why)
{
    fprintf(stderr, "gss_peer: %s\n", why);
    exit(2);
}

static size_t mech_index(const char *name)
{
    for (size_t i = 0; i < COUNT(mechs_known); i++)
        if (strcmp(mechs_known[i].name, name) == 0)
            return i;
    die("unknown mechanism");
    return 0;
}

static OM_uint32 flag_bit(const char *name)
{
    for (size_t i = 0; i < COUNT(flags_known); i++)
        if (strcmp(flags_known[i].name, name) == 0)
            return flags_known[i].bit;
    die("unknown flag");
    return 0;
}

static OM_uint32 flags_from(char *list)
{
    OM_uint32 bits = 0;
    for (char *name = strtok(list, ","); name != NULL; name = strtok(NULL, ","))
        bits |= flag_bit(name);
    return bits;
}

/* A credential that lets SPNEGO offer or take exactly the mechanisms of `list`, in that order. */
static gss_cred_id_t credential_for(char *list, gss_cred_usage_t usage)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_OID_set_desc only_spnego = {1, &spnego};
    gss_OID_desc wanted[COUNT(mechs_known)];
    gss_OID_set_desc set = {0, wanted};
    OM_uint32 major, minor;

    for (char *name = strtok(list, ","); name != NULL && set.count < COUNT(wanted);
         name = strtok(NULL, ","))
        wanted[set.count++] = mechs_known[mech_index(name)].oid;
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &only_spnego, usage, &cred,
                             NULL, NULL);
    if (major != GSS_S_COMPLETE)
        die("no credential for SPNEGO");
#ifdef HEIMDAL
    (void)set;
    die("Heimdal 7 has no gss_set_neg_mechs: leave --mechs out");
#else
    if (gss_set_neg_mechs(&minor, cred, &set) != GSS_S_COMPLETE)
        die("gss_set_neg_mechs refused");
#endif
    return cred;
}

static gss_name_t name_from(const char *text)
{
    gss_buffer_desc buffer = {strlen(text), (void *)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    if (gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &name) != GSS_S_COMPLETE)
        die("target name refused");
    return name;
}

static size_t unhex(const char *text, unsigned char *out, size_t out_size)
{
    size_t len = 0;
    unsigned octet;
    while (len < out_size && sscanf(text + 2 * len, "%2x", &octet) == 1)
        out[len++] = (unsigned char)octet;
    return len;
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

static void answer(OM_uint32 major, OM_uint32 minor, const gss_buffer_desc *token)
{
    const unsigned char *octets = token->value;
    bool failed = GSS_ERROR(major) != 0;

    printf("%s ", failed                                 ? "failure"
                  : (major & GSS_S_CONTINUE_NEEDED) != 0 ? "continue"
                                                         : "complete");
    if (token->length == 0)
        printf("-");
    for (size_t i = 0; i < token->length; i++)
        printf("%02x", octets[i]);
    if (failed) {
        print_status(major, GSS_C_GSS_CODE);
        print_status(minor, GSS_C_MECH_CODE);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static char line[1 << 18];
    static unsigned char octets[1 << 17];
    bool initiator = argc > 1 && strcmp(argv[1], "init") == 0;
    OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG, major, minor;
    const char *target = "host@srv.rig.test";
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_name_t name = GSS_C_NO_NAME;
    struct gss_channel_bindings_struct bindings = {0};
    gss_channel_bindings_t bound = GSS_C_NO_CHANNEL_BINDINGS;

    if (!initiator && (argc < 2 || strcmp(argv[1], "accept") != 0))
        die("say init or accept first");
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--target") == 0)
            target = argv[i + 1];
        else if (strcmp(argv[i], "--flags") == 0)
            flags = flags_from(argv[i + 1]);
        else if (strcmp(argv[i], "--mechs") == 0)
            cred = credential_for(argv[i + 1], initiator ? GSS_C_INITIATE : GSS_C_ACCEPT);
        else if (strcmp(argv[i], "--bind") == 0) {
            bindings.application_data.value = argv[i + 1];
            bindings.application_data.length = strlen(argv[i + 1]);
            bound = &bindings;
        } else
            die("unknown option");
    }
    if (initiator)
        name = name_from(target);

    while (fgets(line, sizeof line, stdin) != NULL) {
        gss_buffer_desc in = {unhex(line, octets, sizeof octets), octets}, out = GSS_C_EMPTY_BUFFER;
        if (initiator)
            major = gss_init_sec_context(&minor, cred, &context, name, &spnego, flags, 0, bound,
                                         &in, NULL, &out, NULL, NULL);
        else
            major = gss_accept_sec_context(&minor, &context, cred, &in, bound, NULL, NULL, &out,
                                           NULL, NULL, NULL);
        answer(major, minor, &out);
        gss_release_buffer(&minor, &out);
    }
    return 0;
}
