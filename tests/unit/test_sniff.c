/* token/sniff.c: what kind of token it is, by its first octets (SPN-67 to SPN-71). */
#include <criterion/criterion.h>
#include <spnego/token.h>
#include <stdio.h>

#include "../support.h"

#define OID_U2U "06{2a864886f71201020203}"
#define OID_KRB5_OLD "06{2b05010502}"
#define OID_IAKERB "06{2b0601050205}"
#define OID_PKU2U "06{2b0601050207}"

static const struct {
    const char *description, *notation;
    spnego_kind kind;
} rows[] = {
    {"empty: asks for NegTokenInit2, SPN-68", "", SPNEGO_KIND_EMPTY},
    {"framed", INIT(MECH_TYPES_KRB5), SPNEGO_KIND_SPNEGO_FRAMED},
    {"framed and nothing in it", FRAME(""), SPNEGO_KIND_SPNEGO_FRAMED},
    {"framed, cut short after the OID", "607f 06062b0601050502", SPNEGO_KIND_SPNEGO_FRAMED},
    {"framed with long lengths", "60820a00 068106 2b0601050502 a0", SPNEGO_KIND_SPNEGO_FRAMED},
    {"bare [0]", INIT_BARE(""), SPNEGO_KIND_SPNEGO_INIT},
    {"bare [1]", RESP(""), SPNEGO_KIND_SPNEGO_RESP},
    {"one octet of it", "a1", SPNEGO_KIND_SPNEGO_RESP},
    {"[2]", "a200", SPNEGO_KIND_UNKNOWN},
    {"NTLMSSP, MS-NLMP 2.2.1", "'NTLMSSP' 00 01000000", SPNEGO_KIND_NTLMSSP},
    {"NTLMSSP and no more", "'NTLMSSP' 00", SPNEGO_KIND_NTLMSSP},
    {"NTLMSSP without its NUL", "'NTLMSSP'", SPNEGO_KIND_UNKNOWN},
    {"NTLMSSP with another end", "'NTLMSSPX'", SPNEGO_KIND_UNKNOWN},
    {"NTLM signature, MS-NLMP 2.2.2.9", "01000000 55*12", SPNEGO_KIND_NTLMSSP_MIC},
    {"NTLM signature of 15 octets", "01000000 55*11", SPNEGO_KIND_UNKNOWN},
    {"NTLM signature of 17 octets", "01000000 55*13", SPNEGO_KIND_UNKNOWN},
    {"NTLM signature of version 2", "02000000 55*12", SPNEGO_KIND_UNKNOWN},
    {"NEGOEXTS, MS-NEGOEX 2.2", "'NEGOEXTS' 00*32", SPNEGO_KIND_NEGOEX},
    {"NEGOEXT", "'NEGOEXT'", SPNEGO_KIND_UNKNOWN},
    {"Kerberos AP-REQ framed, RFC 4121 4.1", "60{" OID_KRB5 "0100 6e00}", SPNEGO_KIND_KRB5},
    {"Kerberos AP-REP framed", "60{" OID_KRB5 "0200 6f00}", SPNEGO_KIND_KRB5},
    {"KRB-ERROR framed", "60{" OID_KRB5 "0300 7e00}", SPNEGO_KIND_KRB5},
    {"framed with the truncated OID", "60{" OID_MS_KRB5 "0100}", SPNEGO_KIND_KRB5},
    {"user-to-user", "60{" OID_U2U "0400}", SPNEGO_KIND_KRB5},
    {"pre-RFC Kerberos", "60{" OID_KRB5_OLD "0100}", SPNEGO_KIND_KRB5},
    {"IAKERB", "60{" OID_IAKERB "0501}", SPNEGO_KIND_KRB5},
    {"PKU2U", "60{" OID_PKU2U "0500}", SPNEGO_KIND_KRB5},
    {"RFC 1964 MIC, framed", "60{" OID_KRB5 "0101 0000}", SPNEGO_KIND_KRB5_MIC},
    {"RFC 1964 Wrap, framed", "60{" OID_KRB5 "0201 0000}", SPNEGO_KIND_KRB5_WRAP},
    {"AP-REQ without frame, RFC 4120 5.5.1", "6e{3000}", SPNEGO_KIND_KRB5},
    {"AP-REP without frame", "6f{3000}", SPNEGO_KIND_KRB5},
    {"KRB-ERROR without frame", "7e{3000}", SPNEGO_KIND_KRB5},
    {"AP-REQ with a long length", "6e8180 307e 00*126", SPNEGO_KIND_KRB5},
    {"[APPLICATION 14] with something else in it", "6e{0400}", SPNEGO_KIND_UNKNOWN},
    {"[APPLICATION 14] with nothing in it", "6e00", SPNEGO_KIND_UNKNOWN},
    {"6e alone", "6e", SPNEGO_KIND_UNKNOWN},
    {"RFC 4121 MIC", "0404 01 ff*5 00*8 55*12", SPNEGO_KIND_KRB5_MIC},
    {"RFC 4121 MIC without its filler", "0404 01 ff*4 00*9", SPNEGO_KIND_UNKNOWN},
    {"RFC 4121 MIC of 15 octets", "0404 01 ff*5 00*7", SPNEGO_KIND_UNKNOWN},
    {"RFC 4121 Wrap", "0504 07 ff 0000 001c 00*8", SPNEGO_KIND_KRB5_WRAP},
    {"RFC 4121 Wrap without its filler", "0504 07 00 0000 001c 00*8", SPNEGO_KIND_UNKNOWN},
    {"frame of NTLM", "60{" OID_NTLM "'NTLMSSP' 00}", SPNEGO_KIND_GSS_OTHER},
    {"frame of a mechanism that nobody knows", "60{06{883703}}", SPNEGO_KIND_GSS_OTHER},
    {"frame with no OID", "60{0500}", SPNEGO_KIND_UNKNOWN},
    {"frame with nothing", "6000", SPNEGO_KIND_UNKNOWN},
    {"60 alone", "60", SPNEGO_KIND_UNKNOWN},
    {"frame of indefinite length", "6080 06062b0601050502 0000", SPNEGO_KIND_UNKNOWN},
    {"text", "'GET / HTTP/1.1'", SPNEGO_KIND_UNKNOWN},
    {"05", "05", SPNEGO_KIND_UNKNOWN},
};

Test(sniff, kinds)
{
    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_kind kind = spnego_sniff(der_of(rows[i].notation));
        cr_expect_eq(kind, rows[i].kind, "%s: %d, expected %d", rows[i].description, kind,
                     rows[i].kind);
    }
}

Test(sniff, nothing_is_empty_whether_absent_or_not)
{
    cr_expect_eq(spnego_sniff((spnego_bytes){NULL, 0}), SPNEGO_KIND_EMPTY);
}

/* However few octets there are, no more are looked at; a memory checker watches. */
Test(sniff, every_beginning_of_every_kind)
{
    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes whole = der_of(rows[i].notation);
        for (size_t len = 0; len < whole.len; len++) {
            char notation[512] = "";
            char *p = notation;
            for (size_t k = 0; k < len; k++)
                p += sprintf(p, "%02x", whole.data[k]);
            cr_expect_leq((unsigned)spnego_sniff(der_of(notation)), SPNEGO_KIND_GSS_OTHER);
        }
    }
}
