/* The lines that every peer of the matrix over a GSS library speaks; see peer.h. */
#include "peer.h"

#ifndef HEIMDAL
#include <gssapi/gssapi_ext.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const peer_name flag_names[] = {
    {"deleg", GSS_C_DELEG_FLAG},       {"mutual", GSS_C_MUTUAL_FLAG}, {"replay", GSS_C_REPLAY_FLAG},
    {"sequence", GSS_C_SEQUENCE_FLAG}, {"conf", GSS_C_CONF_FLAG},     {"integ", GSS_C_INTEG_FLAG},
    {"dce", GSS_C_DCE_STYLE},
};

_Noreturn void peer_die(const char *why)
{
    fprintf(stderr, "peer: %s\n", why);
    exit(2);
}

OM_uint32 peer_bits(char *list, const peer_name *names, size_t num_names)
{
    OM_uint32 bits = 0;

    for (char *name = strtok(list, ","); name != NULL; name = strtok(NULL, ",")) {
        size_t i = 0;

        while (i < num_names && strcmp(names[i].name, name) != 0)
            i++;
        if (i == num_names)
            peer_die("a name in a list is unknown");
        bits |= names[i].bit;
    }
    return bits;
}

void peer_print_flags(const char *label, OM_uint32 flags)
{
    const char *before = label;

    for (size_t i = 0; i < PEER_COUNT(flag_names); i++)
        if ((flags & flag_names[i].bit) != 0) {
            printf("%s%s", before, flag_names[i].name);
            before = ",";
        }
}

/* ---- Hexadecimal ---------------------------------------------------------------------------- */

static int digit(char c)
{
    const char *const digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Up to the first character that is no digit. */
static size_t unhex(const char *text, unsigned char *out, size_t out_size)
{
    size_t len = 0;

    while (len < out_size && digit(text[0]) >= 0 && digit(text[1]) >= 0) {
        out[len++] = (unsigned char)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    return len;
}

static void print_hex(const gss_buffer_desc *buffer)
{
    const unsigned char *octets = buffer->value;

    for (size_t i = 0; i < buffer->length; i++)
        printf("%02x", octets[i]);
}

/* ---- Messages under the mechanism that was negotiated ------------------------------------------
 */

static void print_major(OM_uint32 major)
{
    if (major == GSS_S_COMPLETE)
        printf("good");
    else
        printf("failure %x", major);
}

/* 1.2.840.113554.1.2.2.5.5, GSS_C_INQ_SSPI_SESSION_KEY: the key, and beside it what kind it is. */
static OM_uint32 session_key(OM_uint32 *minor, gss_ctx_id_t context, gss_buffer_t out)
{
    static gss_OID_desc wanted = {11, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"};
    gss_buffer_set_t found = GSS_C_NO_BUFFER_SET;
    OM_uint32 major = gss_inquire_sec_context_by_oid(minor, context, &wanted, &found), ignored;

    if (major == GSS_S_COMPLETE && (found == GSS_C_NO_BUFFER_SET || found->count == 0))
        major = GSS_S_UNAVAILABLE;
    if (major == GSS_S_COMPLETE) {
        *out = found->elements[0];
        found->elements[0] = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    }
    (void)gss_release_buffer_set(&ignored, &found);
    return major;
}

/* Whether the line was one of those with a verb and operands. */
static bool message_line(const char *line)
{
    static unsigned char octets[2][1 << 17];
    gss_buffer_desc operands[2], out = GSS_C_EMPTY_BUFFER;
    const gss_ctx_id_t context = side_context();
    const char *rest = strchr(line, ' ');
    OM_uint32 minor, major;
    int conf = 0;

    if (rest == NULL)
        return false;
    if (context == GSS_C_NO_CONTEXT)
        peer_die("a message before the context is there");
    for (int i = 0; i < 2; i++) {
        operands[i].value = octets[i];
        operands[i].length = rest != NULL ? unhex(rest + 1, octets[i], sizeof octets[i]) : 0;
        rest = rest != NULL ? strchr(rest + 1, ' ') : NULL;
    }
    if (strncmp(line, "verify ", 7) == 0) {
        print_major(gss_verify_mic(&minor, context, &operands[0], &operands[1], NULL));
    } else {
        if (strncmp(line, "sign ", 5) == 0)
            major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &operands[0], &out);
        else if (strncmp(line, "seal ", 5) == 0)
            major = gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &operands[0], &conf, &out);
        else if (strncmp(line, "key ", 4) == 0)
            major = session_key(&minor, context, &out);
        else
            major = gss_unwrap(&minor, context, &operands[0], &out, &conf, NULL);
        if (major == GSS_S_COMPLETE)
            print_hex(&out);
        else
            print_major(major);
        gss_release_buffer(&minor, &out);
    }
    printf("\n");
    return true;
}

/* ---- Tokens ------------------------------------------------------------------------------------
 */

static void token_line(const char *line)
{
    static const char *const words[] = {"continue", "complete", "failure"};
    static unsigned char octets[1 << 17];
    gss_buffer_desc in = {unhex(line, octets, sizeof octets), octets}, out = GSS_C_EMPTY_BUFFER;
    const peer_verdict verdict = side_step(&out, &in);

    printf("%s ", words[verdict]);
    if (out.length == 0)
        printf("-");
    print_hex(&out);
    side_explain(verdict);
    printf("\n");
}

static gss_name_t name_from(const char *text)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(size_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &name) != GSS_S_COMPLETE)
        peer_die("target name refused");
    return name;
}

int main(int argc, char **argv)
{
    static char line[1 << 18];
    static struct gss_channel_bindings_struct bindings;
    peer self = {.flags = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG};
    const char *target = "host@srv.rig.test";
    OM_uint32 minor;

    self.initiator = argc > 1 && strcmp(argv[1], "init") == 0;
    if (!self.initiator && (argc < 2 || strcmp(argv[1], "accept") != 0))
        peer_die("say init or accept first");
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--target") == 0) {
            target = argv[i + 1];
        } else if (strcmp(argv[i], "--flags") == 0) {
            self.flags = peer_bits(argv[i + 1], flag_names, PEER_COUNT(flag_names));
        } else if (strcmp(argv[i], "--mechs") == 0) {
            for (char *name = strtok(argv[i + 1], ","); name != NULL; name = strtok(NULL, ",")) {
                if (self.num_mechs == PEER_MAX_MECHS)
                    peer_die("too many mechanisms");
                self.mechs[self.num_mechs++] = name;
            }
        } else if (strcmp(argv[i], "--bind") == 0 || strcmp(argv[i], "--bind-null") == 0) {
            /* Where there is no address, Java says so in another way than C programs do. */
            if (argv[i][6] != '\0')
                bindings.initiator_addrtype = bindings.acceptor_addrtype = GSS_C_AF_NULLADDR;
            bindings.application_data.value = argv[i + 1];
            bindings.application_data.length = strlen(argv[i + 1]);
            self.bindings = &bindings;
        } else if (!side_option(argv[i], argv[i + 1])) {
            peer_die("unknown option");
        }
    }
    if (self.initiator)
        self.target = name_from(target);
    side_begin(&self);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (!message_line(line))
            token_line(line);
        fflush(stdout);
    }
    side_end();
    gss_release_name(&minor, &self.target);
    return 0;
}
