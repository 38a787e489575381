/* der/writer.c: canonical DER from the last octet to the first, by asn1c's tables. */
#include "der/writer.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "../support.h"
#include "asn_application.h"
#include "token/asn1_bridge.h"

static const uint8_t some[] = {0x55, 0x66, 0x77};

Test(writer, octets_are_put_before_what_was_written)
{
    uint8_t buf[5];
    der_writer w;
    spnego_bytes out;

    der_writer_init(&w, buf, sizeof buf);
    der_write_octets(&w, (spnego_bytes){some + 1, 2});
    der_write_octets(&w, (spnego_bytes){some, 1});
    cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
    cr_expect(same_octets(out, der_of("556677")), "%s", hex_of(out));
    cr_expect_eq(out.data, buf + 2, "at the buffer's end");
}

Test(writer, nothing_written_is_empty)
{
    uint8_t buf[1];
    der_writer w;
    spnego_bytes out;

    der_writer_init(&w, buf, sizeof buf);
    der_write_octets(&w, (spnego_bytes){some, 0});
    cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
    cr_expect_not_null(out.data);
    cr_expect_eq(out.len, 0u);
}

/* X.690 8.1.3.3, 10.1: length octets at every boundary, computed by the test. */
/* SPN-03: lengths below 128 are one octet. */
Test(writer, headers_at_the_length_boundaries)
{
    static const size_t lens[] = {0,   1,   126,   127,   128,   129,      254,     255,
                                  256, 257, 65534, 65535, 65536, 16777215, 16777216};

    for (size_t i = 0; i < LEN(lens); i++) {
        uint8_t *contents = calloc(1, lens[i] + 1), *buf = malloc(lens[i] + 6), want[6];
        const size_t header_len = der_put_header(want, 0x30, lens[i]);
        der_writer w;
        spnego_bytes out;

        cr_assert(contents != NULL && buf != NULL);
        der_writer_init(&w, buf, lens[i] + 6);
        der_write_octets(&w, (spnego_bytes){contents, lens[i]});
        der_write_header(&w, &asn_DEF_NegHints, 0);
        cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
        cr_expect_eq(out.len, header_len + lens[i], "%zu", lens[i]);
        out.len = header_len;
        cr_expect(same_octets(out, (spnego_bytes){want, header_len}), "%zu: %s", lens[i],
                  hex_of(out));
        free(contents);
        free(buf);
    }
}

Test(writer, header_of_a_type_and_of_a_member)
{
    /* X.690 8.1.2: APPLICATION 0 and context tags are constructed, OCTET STRING is not. */
    static const struct {
        const char *description;
        const struct asn_TYPE_descriptor_s *type;
        int member; /* -1: the type's own tag */
        const char *want;
    } rows[] = {
        {"InitialContextToken", &asn_DEF_InitialContextToken, -1, "60 03 556677"},
        {"MechTypeList", &asn_DEF_MechTypeList, -1, "30 03 556677"},
        {"NegTokenResp", &asn_DEF_NegTokenResp, -1, "30 03 556677"},
        {"OCTET STRING", &asn_DEF_OCTET_STRING, -1, "04 03 556677"},
        {"negTokenInit", &asn_DEF_NegotiationToken, NEG_TOKEN_INIT, "a0 03 556677"},
        {"negTokenResp", &asn_DEF_NegotiationToken, NEG_TOKEN_RESP, "a1 03 556677"},
        {"mechListMIC of NegTokenInit2", &asn_DEF_NegTokenInit2, INIT2_MECH_LIST_MIC,
         "a4 03 556677"},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t buf[8];
        der_writer w;
        spnego_bytes out;

        der_writer_init(&w, buf, sizeof buf);
        der_write_octets(&w, (spnego_bytes){some, sizeof some});
        if (rows[i].member < 0)
            der_write_header(&w, rows[i].type, 0);
        else
            der_write_tagged(&w, rows[i].type, (size_t)rows[i].member, 0);
        cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
        cr_expect(same_octets(out, der_of(rows[i].want)), "%s: %s", rows[i].description,
                  hex_of(out));
    }
}

Test(writer, header_covers_what_was_written_since_the_mark)
{
    uint8_t buf[16];
    der_writer w;
    size_t mark;
    spnego_bytes out;

    der_writer_init(&w, buf, sizeof buf);
    der_write_octets(&w, (spnego_bytes){some, 3});
    mark = der_written(&w);
    der_write_octets(&w, (spnego_bytes){some, 1});
    der_write_header(&w, &asn_DEF_OCTET_STRING, mark);
    cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
    cr_expect(same_octets(out, der_of("0401 55 556677")), "%s", hex_of(out));
}

/* RFC 4178 4.2.2, EXPLICIT TAGS. */
/* SPN-53: what is absent leaves no wrapper behind. */
Test(writer, members_present_absent_and_empty)
{
    const uint8_t state = 1;
    const spnego_bytes absent = {NULL, 0}, empty = {some, 0};
    const spnego_bytes members[] = {{&state, 1}, absent, empty, {some, 3}};
    uint8_t buf[64];
    der_writer w;
    spnego_bytes out;

    der_writer_init(&w, buf, sizeof buf);
    cr_expect(der_write_members(&w, &asn_DEF_NegTokenResp, members, 0, 4));
    cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
    cr_expect(same_octets(out, der_of("a0030a0101 a2020400 a3050403556677")), "%s", hex_of(out));

    der_writer_init(&w, buf, sizeof buf);
    cr_expect(der_write_members(&w, &asn_DEF_NegTokenResp, members, 2, 3));
    cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
    cr_expect(same_octets(out, der_of("a2020400")), "only one member: %s", hex_of(out));
}

/* SEQUENCE OF, RFC 4178 4.1: in the given order, an empty element too. */
Test(writer, list_of_elements)
{
    const spnego_bytes elements[] = {{some, 1}, {some, 0}, {some + 1, 2}};
    uint8_t buf[16];
    der_writer w;
    spnego_bytes out;

    der_writer_init(&w, buf, sizeof buf);
    der_write_list(&w, &asn_DEF_MechTypeList, elements, LEN(elements));
    cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
    cr_expect(same_octets(out, der_of("060155 0600 06026677")), "%s", hex_of(out));

    der_writer_init(&w, buf, 6);
    der_write_list(&w, &asn_DEF_MechTypeList, elements, LEN(elements));
    cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
    cr_expect_eq(out.len, 9u);
}

Test(writer, a_member_that_is_not_optional_must_be_there)
{
    const spnego_bytes absent[4] = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    uint8_t buf[16];
    der_writer w;

    der_writer_init(&w, buf, sizeof buf);
    cr_expect_not(der_write_members(&w, &asn_DEF_NegTokenInit, absent, 0, 4));
    cr_expect(der_write_members(&w, &asn_DEF_NegTokenResp, absent, 0, 4));
}

Test(writer, too_small_a_buffer_is_zeroed_and_the_length_told)
{
    const size_t needed = 5; /* 04 03 and three octets */

    for (size_t room = 0; room < needed; room++) {
        uint8_t buf[8];
        der_writer w;
        spnego_bytes out;

        memset(buf, 0xa5, sizeof buf);
        der_writer_init(&w, room == 0 ? NULL : buf, room);
        der_write_octets(&w, (spnego_bytes){some, 3});
        der_write_header(&w, &asn_DEF_OCTET_STRING, 0);
        cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
        cr_expect_null(out.data);
        cr_expect_eq(out.len, needed);
        for (size_t i = 0; i < sizeof buf; i++)
            cr_expect_eq(buf[i], i < room ? 0 : 0xa5, "room %zu, octet %zu", room, i);
    }
}

/* Four length octets say at most 2^32 - 1 (X.690 8.1.3.5); counted without any octets. */
Test(writer, four_length_octets_are_the_most)
{
    const uint64_t most = 0xffffffff;
    der_writer w;
    spnego_bytes out;

    der_writer_init(&w, NULL, 0);
    der_write_octets(&w, (spnego_bytes){some, (size_t)most});
    der_write_header(&w, &asn_DEF_OCTET_STRING, 0);
    if (SIZE_MAX > most) {
        cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
        cr_expect_eq(out.len, (size_t)(most + 6));
        der_write_header(&w, &asn_DEF_NegHints, 0);
    }
    cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_DER_LENGTH_TOO_LONG);
    cr_expect_null(out.data);
    cr_expect_eq(out.len, 0u);
}

Test(writer, the_count_does_not_wrap)
{
    der_writer w;
    spnego_bytes out;

    der_writer_init(&w, NULL, 0);
    der_write_octets(&w, (spnego_bytes){some, SIZE_MAX});
    der_write_octets(&w, (spnego_bytes){some, 1});
    cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_DER_LENGTH_TOO_LONG);
    cr_expect_null(out.data);

    /* Nor where a header alone fills what the count can hold. */
    der_writer_init(&w, NULL, 0);
    der_write_octets(&w, (spnego_bytes){some, SIZE_MAX - 1});
    der_write_header(&w, &asn_DEF_OCTET_STRING, der_written(&w));
    cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_DER_LENGTH_TOO_LONG);

    der_writer_init(&w, NULL, 0);
    der_write_octets(&w, (spnego_bytes){some, SIZE_MAX / 2});
    der_write_header(&w, &asn_DEF_OCTET_STRING, der_written(&w));
    der_write_octets(&w, (spnego_bytes){some, SIZE_MAX});
    cr_expect_eq(der_writer_finish(&w, &out), SPNEGO_RULE_DER_LENGTH_TOO_LONG);
}
