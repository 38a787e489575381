/*
 * What carries tokens: limits, what is not a token of a carrier though it looks like one, and
 * negotiations told apart.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/carry.h"
#include "inspect/origin.h"
#include "support.h"

enum { MAX_CAME = 16 };

typedef struct came {
    size_t num;
    struct {
        char carrier[16];
        inspect_role sender;
        uint64_t exchange;
        size_t len;
        uint8_t first;
        uint64_t frame;
        uint64_t num_gaps;
    } tokens[MAX_CAME];
} came;

static void take(void *user, const inspect_found *found)
{
    came *to = user;

    cr_assert_lt(to->num, (size_t)MAX_CAME);
    strcpy(to->tokens[to->num].carrier, found->carrier);
    to->tokens[to->num].sender = found->sender;
    to->tokens[to->num].exchange = found->exchange;
    to->tokens[to->num].len = found->token.len;
    to->tokens[to->num].frame = found->stamp.frame;
    to->tokens[to->num].num_gaps = found->num_gaps;
    to->tokens[to->num++].first = found->token.data[0];
}

/* A connection that side 0 opened, and its reader. */
typedef struct talk {
    came came;
    inspect_finder finder;
    inspect_connection connection;
    inspect_carry *carry;
    inspect_stamp stamp;
} talk;

static void talk_begin(talk *t)
{
    memset(t, 0, sizeof *t);
    t->finder.user = &t->came;
    t->finder.found = take;
    t->connection.endpoints[0].port = 40000;
    t->connection.endpoints[1].port = 8080;
    t->carry = inspect_carry_create(&t->finder, &t->connection, INSPECT_CARRIER_NONE);
}

static void say(talk *t, int side, spnego_bytes octets)
{
    t->stamp.frame++;
    inspect_carry_put(t->carry, side, octets, &t->stamp);
}

static void say_text(talk *t, int side, const char *text)
{
    const spnego_bytes octets = {(const uint8_t *)text, strlen(text)};
    say(t, side, octets);
}

static void say_der(talk *t, int side, const char *notation)
{
    say(t, side, der_of(notation));
}

static void talk_end(talk *t)
{
    inspect_carry_destroy(t->carry);
    cr_assert_eq(t->finder.held, 0);
    cr_assert_not(t->finder.failed);
}

#define TOKEN "oRQwEqADCgEDoQsGCSqGSIL3EgECAg=="

Test(carry, http_header_forms)
{
    talk t;

    talk_begin(&t);
    say_text(&t, 0, "GET / HTTP/1.1\r\nX-Authorization: Negotiate " TOKEN "\r\n\r\n");
    say_text(&t, 1,
             "HTTP/1.1 401 No\r\nwww-authenticate: NTLM, Negotiate\r\n\t" TOKEN
             "\r\nContent-Length: 2\r\n\r\nok");
    say_text(&t, 0, "GET / HTTP/1.1\nProxy-Authorization: negotiate " TOKEN "\n\n");
    say_text(&t, 1, "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate " TOKEN "\r\n");
    say_text(&t, 1,
             "Transfer-Encoding: gzip, chunked\r\n\r\n24;x=y\r\n"
             "HTTP/1.1 401 No\r\nWWW-Authenticate: \r\n0\r\n");
    say_text(&t, 1, "WWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    say_text(&t, 1, "HTTP/1.1 200 OK\r\nWWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    talk_end(&t);
    cr_assert_eq(t.came.num, 4);
    cr_assert_eq(t.came.tokens[0].sender, INSPECT_ROLE_ACCEPTOR);
    cr_assert_eq(t.came.tokens[1].sender, INSPECT_ROLE_INITIATOR);
    /* The proxy's negotiation is not the server's. */
    cr_assert_eq(t.came.tokens[0].exchange, 1);
    cr_assert_eq(t.came.tokens[1].exchange, 2);
    cr_assert_eq(t.came.tokens[2].exchange, 2);
    cr_assert_eq(t.came.tokens[3].exchange, 1);
}

Test(carry, http_head_has_no_body)
{
    talk t;

    talk_begin(&t);
    say_text(&t, 0, "HEAD / HTTP/1.1\r\n\r\n");
    say_text(&t, 1, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    say_text(&t, 1, "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    talk_end(&t);
    cr_assert_eq(t.came.num, 1);
}

Test(carry, http_body_that_looks_like_a_header)
{
    talk t;

    talk_begin(&t);
    say_text(&t, 1,
             "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n"
             "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate oQcwBaADCgEC\r\n\r\nHTTP");
    say_text(&t, 1, "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    talk_end(&t);
    cr_assert_eq(t.came.num, 1);
    cr_assert_eq(t.came.tokens[0].len, 22);
}

Test(carry, http_line_without_end)
{
    static char line[300000];
    talk t;

    talk_begin(&t);
    memset(line, 'a', sizeof line - 1);
    say_text(&t, 1, "HTTP/1.1 401 No\r\n");
    say_text(&t, 1, line);
    cr_assert_leq(t.finder.held, INSPECT_CARRY_MAX_MESSAGE);
    cr_assert_eq(t.finder.num_dropped, 1);
    talk_end(&t);
}

Test(carry, a_tunnel_is_looked_at_anew)
{
    talk t;

    talk_begin(&t);
    say_text(&t, 0, "CONNECT srv:389 HTTP/1.1\r\n\r\n");
    say_text(&t, 1, "HTTP/1.1 200 OK\r\n\r\n");
    say_der(&t, 0, "30{02{01} 60{02{03} 04{''} a3{04{'GSS-SPNEGO'} 04{a1{30{a0{0a{01}}}}}}}}");
    talk_end(&t);
    cr_assert_eq(t.came.num, 1);
    cr_assert_str_eq(t.came.tokens[0].carrier, "ldap");
}

Test(carry, ldap_binds)
{
    talk t;

    talk_begin(&t);
    say_der(&t, 0, "30{02{01} 60{02{03} 04{'cn=a'} 80{'secret'}}}");
    say_der(&t, 0, "30{02{02} 60{02{03} 04{''} a3{04{'EXTERNAL'} 04{a1{30{a0{0a{01}}}}}}}}");
    say_der(&t, 0, "30{02{03} 60{02{03} 04{'NTLM'} 8a{'NTLMSSP' 00 01000000 00*24}}}");
    say_der(&t, 1, "30{02{03} 61{0a{00} 04{'NTLMSSP' 00 02000000 00*40} 04{''}}}");
    say_der(&t, 0, "30{02{04} 60{02{03} 04{'NTLM'} 8b{'NTLMSSP' 00 03000000 00*60}}}");
    say_der(&t, 1, "30{02{05} 61{0a{0e} 04{''} 04{''} 87{a1{30{a0{0a{01}}}}}}}");
    say_der(&t, 1, "00000009 'wrapped' 0000");
    say_der(&t, 1, "30{02{06} 64{04{''} 30{}}}");
    talk_end(&t);
    cr_assert_eq(t.came.num, 4);
    cr_assert_eq(t.came.tokens[1].sender, INSPECT_ROLE_ACCEPTOR);
    cr_assert_eq(t.came.tokens[2].exchange, t.came.tokens[0].exchange);
    cr_assert_eq(t.finder.num_lost, 0);
}

/* RFC 1961 3.8: two octets; and after the level of protection comes what is wrapped. */
Test(carry, socks5_ends)
{
    talk t;

    talk_begin(&t);
    say_der(&t, 0, "05 01 01");
    say_der(&t, 1, "05 01");
    say_der(&t, 0, "01 01 0009 a1{30{a0{0a{01}}}}");
    say_der(&t, 0, "01 ff 01 01 0009 a1{30{a0{0a{01}}}}");
    say_der(&t, 1, "01 02 0001 01 01 01 0009 a1{30{a0{0a{01}}}}");
    talk_end(&t);
    cr_assert_eq(t.came.num, 2);
    cr_assert_str_eq(t.came.tokens[1].carrier, "socks5");
}

/* A length of 64 KiB is not believed before so much is there; what is longer is passed over. */
Test(carry, messages_longer_than_what_is_kept)
{
    static uint8_t octets[65536];
    const spnego_bytes bulk = {octets, sizeof octets};
    talk t;

    talk_begin(&t);
    /* SMB2 WRITE of 1 MiB: its header is enough. */
    say_der(&t, 0, "00100000 fe'SMB' 4000 0100 00000000 0900 0100 00000000 00000000 00*40");
    for (int i = 0; i < 15; i++)
        say(&t, 0, bulk);
    cr_assert_leq(t.finder.held, 256);
    cr_assert_eq(t.came.num, 0);
    cr_assert_eq(t.finder.num_dropped, 0);
    cr_assert_eq(t.finder.num_lost, 0);
    talk_end(&t);
}

Test(carry, other_octets_are_no_tokens)
{
    talk t;

    talk_begin(&t);
    /* A PrincipalName of Kerberos, a NegTokenResp that says nothing, words. */
    say_der(&t, 0,
            "ee a1{30{a0{02{01}} a1{30{1b{'krbtgt'}}}}} a1{30{}} 'Tomorrow YIELDS oranges '");
    say_der(&t, 0, "'NTLMSSP' 01 'NTLMSSX'");
    /* The end of something longer. */
    say_text(&t, 0, " AAA" TOKEN "\r\n");
    talk_end(&t);
    cr_assert_eq(t.came.num, 0);
}

Test(carry, frames_of_something_else)
{
    talk t;

    talk_begin(&t);
    say_der(&t, 0, "16 01 00 0004 'ABCD'");
    cr_assert_eq(t.came.num, 0);
    talk_end(&t);
    talk_begin(&t);
    say_der(&t, 0, "16 03 01 0009 a1{30{a0{0a{01}}}}"); /* TLS */
    talk_end(&t);
    cr_assert_eq(t.came.num, 1);
    cr_assert_str_eq(t.came.tokens[0].carrier, "tcp");
}

Test(carry, base64_at_the_end_of_a_stream)
{
    talk t;

    talk_begin(&t);
    say_text(&t, 1, "220 mail\r\n");
    say_text(&t, 0, "AUTH GSSAPI oRQwEqADCgEDoQsGCSqGSIL3EgECAg");
    cr_assert_eq(t.came.num, 0);
    talk_end(&t);
    cr_assert_eq(t.came.num, 1);
    cr_assert_str_eq(t.came.tokens[0].carrier, "tcp");
}

/* More negotiations at once than are told apart: the one that was silent for longest is forgotten.
 */
Test(carry, open_negotiations_are_bounded)
{
    talk t;
    inspect_carried carried = {"smb2", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                               INSPECT_PLACE_LATER};
    const spnego_bytes token = der_of("a1{30{a0{0a{01}}}}");

    talk_begin(&t);
    t.finder.found = take;
    for (uint64_t key = 0; key < 100; key++) {
        carried.key = key;
        t.came.num = 0;
        inspect_carry_token(t.carry, 0, &carried, token);
    }
    cr_assert_eq(t.came.tokens[0].exchange, 100);
    t.came.num = 0;
    inspect_carry_token(t.carry, 0, &carried, token);
    cr_assert_eq(t.came.tokens[0].exchange, 100);
    carried.key = 100 - INSPECT_CARRY_MAX_OPEN;
    inspect_carry_token(t.carry, 0, &carried, token);
    cr_assert_eq(t.came.tokens[1].exchange, carried.key + 1);
    carried.key = 0;
    inspect_carry_token(t.carry, 0, &carried, token);
    cr_assert_eq(t.came.tokens[2].exchange, 101);
    talk_end(&t);
}

/* ---- Where it was found ---------------------------------------------------------------------- */

static void must_be_from(inspect_hosts *hosts, uint32_t address, uint8_t is_ipv6, const char *src)
{
    inspect_connection connection;
    inspect_found found;
    inspect_origin origin;

    memset(&connection, 0, sizeof connection);
    memset(&found, 0, sizeof found);
    memcpy(connection.endpoints[0].address, &address, sizeof address);
    connection.endpoints[0].port = 80;
    connection.endpoints[0].is_ipv6 = is_ipv6;
    connection.endpoints[1] = connection.endpoints[0];
    connection.endpoints[1].port = 81;
    found.carrier = "http";
    found.connection = &connection;
    inspect_origin_of(&origin, &found, hosts);
    cr_expect_str_eq(origin.src, src);
    cr_expect_eq(strncmp(origin.dst, src, strlen(src) - 1), 0);
}

/* What does not fit into the table is not shown either. */
Test(origin, hosts_are_bounded)
{
    static inspect_hosts hosts;
    char label[32];

    for (uint32_t i = 0; i < INSPECT_MAX_HOSTS; i++) {
        sprintf(label, "host-%lu:80", (unsigned long)i + 1);
        must_be_from(&hosts, i / 2, i % 2, label);
    }
    must_be_from(&hosts, INSPECT_MAX_HOSTS, 0, "host:80");
    must_be_from(&hosts, INSPECT_MAX_HOSTS, 1, "host:80");
    must_be_from(&hosts, 1, 0, "host-3:80");
    must_be_from(&hosts, 1, 1, "host-4:80");
    cr_expect_eq(hosts.num, (size_t)INSPECT_MAX_HOSTS);
}

/* ---- Pieces (MS-SPNG 3.1.5.9) ---------------------------------------------------------------- */

#define GET(PIECE) "GET / HTTP/1.1\r\nAuthorization: Negotiate " PIECE "\r\n\r\n"
#define MORE "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"

/* A NegTokenInit of 57 octets: 32, 8 and 17 of them. */
#define PIECE_1 "YDcGBisGAQUFAqAtMCugGTAXBgkqhkiG9xIBAgIGCis="
#define PIECE_2 "BgEEAYI3AgI="
#define PIECE_3 "CqIOBAxYLzEvMDAwMDAwMDE="
#define PIECE_2_AND_3 "BgEEAYI3AgIKog4EDFgvMS8wMDAwMDAwMQ=="
#define PIECE_2_AND_MORE "BgEEAYI3AgIKog4EDFgvMS8wMDAwMDAwMQA="

Test(carry, pieces_of_a_token)
{
    talk t;

    talk_begin(&t);
    say_text(&t, 0, GET(PIECE_1));
    say_text(&t, 1, MORE);
    say_text(&t, 0, GET(PIECE_2));
    say_text(&t, 1, MORE);
    cr_assert_eq(t.came.num, 0);
    cr_assert_eq(t.finder.held, 40);
    say_text(&t, 0, GET(PIECE_3));
    cr_assert_eq(t.came.num, 1);
    cr_assert_eq(t.finder.held, 0);
    cr_assert_eq(t.came.tokens[0].len, 57);
    cr_assert_eq(t.came.tokens[0].frame, 5);
    cr_assert_eq(t.came.tokens[0].exchange, 1);
    say_text(&t, 1, "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    talk_end(&t);
    cr_assert_eq(t.came.num, 2);
    cr_assert_eq(t.came.tokens[1].exchange, 1);
}

/* What is not followed by its rest comes as it is: before the answer, before more than the rest,
 * before another token, after a gap, at the end. */
Test(carry, pieces_without_an_end)
{
    static const char *const after[] = {"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " TOKEN
                                        "\r\n\r\n",
                                        GET(PIECE_2_AND_MORE), GET("oQcwBaADCgEC")};
    talk t;

    for (size_t i = 0; i < 3; i++) {
        talk_begin(&t);
        say_text(&t, 0, GET(PIECE_1));
        say_text(&t, i == 0 ? 1 : 0, after[i]);
        cr_assert_eq(t.came.num, 2, "%zu: %zu", i, t.came.num);
        cr_assert_eq(t.came.tokens[0].len, 32);
        cr_assert_eq(t.came.tokens[0].frame, 1);
        cr_assert_eq(t.came.tokens[1].frame, 2);
        talk_end(&t);
    }
    talk_begin(&t);
    say_text(&t, 0, GET(PIECE_1));
    inspect_carry_gap(t.carry, 0);
    cr_assert_eq(t.came.num, 1);
    say_text(&t, 0, GET(PIECE_2_AND_3));
    say_text(&t, 0, GET(PIECE_1));
    talk_end(&t);
    cr_assert_eq(t.came.num, 3);
    cr_assert_eq(t.came.tokens[2].len, 32);
}

/* What announces more than is kept, where there is no room, or nobody says whose it is. */
Test(carry, pieces_are_bounded)
{
    inspect_carried carried = {"smb2", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                               INSPECT_PLACE_LATER};
    talk t;

    talk_begin(&t);
    inspect_carry_token(t.carry, 0, &carried, der_of("a1 83 040001 30"));
    cr_assert_eq(t.came.num, 1);
    inspect_carry_token(t.carry, 0, &carried, der_of("a1 83 03fffb 30"));
    cr_assert_eq(t.came.num, 1);
    cr_assert_eq(t.finder.held, 6);
    /* For each negotiation another one. */
    for (uint64_t key = 1; key < 10; key++) {
        carried.key = key;
        inspect_carry_token(t.carry, 0, &carried, der_of("a1 10 30"));
    }
    cr_assert_eq(t.came.num, 1);
    t.finder.held += INSPECT_CARRY_MAX_TOTAL - INSPECT_CARRY_MAX_MESSAGE;
    carried.key = 10;
    inspect_carry_token(t.carry, 0, &carried, der_of("a1 10 30"));
    cr_assert_eq(t.came.num, 2);
    carried.key = 1;
    inspect_carry_token(t.carry, 0, &carried, der_of("a0 03"));
    cr_assert_eq(t.came.num, 4);
    t.finder.held -= INSPECT_CARRY_MAX_TOTAL - INSPECT_CARRY_MAX_MESSAGE;
    t.came.num = 0;
    t.carry->connection = NULL;
    carried.sender = INSPECT_ROLE_UNKNOWN;
    carried.key = 11;
    inspect_carry_token(t.carry, 0, &carried, der_of("a1 10 30"));
    cr_assert_eq(t.came.num, 1);
    talk_end(&t);
}

/* What all connections hold together: a message that would go beyond is followed no further. */
Test(carry, what_is_held_is_bounded)
{
    static const uint8_t octets[2000];
    const spnego_bytes bulk = {octets, sizeof octets};
    talk t;

    talk_begin(&t);
    say_der(&t, 0, "00001000 fe'SMB' 4000 0000 00000000 0100 0100");
    cr_assert_eq(t.finder.held, 20);
    t.finder.held += INSPECT_CARRY_MAX_TOTAL - 1000;
    say(&t, 0, bulk);
    t.finder.held -= INSPECT_CARRY_MAX_TOTAL - 1000;
    cr_assert_eq(t.finder.held, 0);
    cr_assert_eq(t.finder.num_dropped, 1);
    cr_assert_eq(t.finder.num_lost, 1);
    talk_end(&t);
}

/* Whoever judges exchanges must know that something may be missing: octets that were not captured,
 * that nothing made sense of, an answer, or a negotiation of too many. */
Test(carry, gaps_are_counted)
{
    inspect_carried carried = {"smb2", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                               INSPECT_PLACE_LATER};
    const spnego_bytes token = der_of("a1{30{a0{0a{01}}}}");
    talk t;

    talk_begin(&t);
    say_text(&t, 0, GET(TOKEN));
    inspect_carry_gap(t.carry, 1);
    say_text(&t, 1, "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    say_text(&t, 1, "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " TOKEN "\r\n\r\n");
    cr_assert_eq(t.came.tokens[0].num_gaps, 0);
    cr_assert_eq(t.came.tokens[1].num_gaps, 1);
    cr_assert_eq(t.came.tokens[2].num_gaps, 2);
    for (uint64_t key = 0; key < INSPECT_CARRY_MAX_OPEN; key++) {
        carried.key = key;
        t.came.num = 0;
        inspect_carry_token(t.carry, 0, &carried, token);
        cr_assert_eq(t.came.tokens[0].num_gaps, key + 1 < INSPECT_CARRY_MAX_OPEN ? 2 : 3);
    }
    talk_end(&t);
    /* A message of SMB, and then none. */
    talk_begin(&t);
    say_der(&t, 0, "00000040 fe'SMB' 4000 0000 00000000 0300 0000 00*48");
    say_der(&t, 0, "'no message'");
    inspect_carry_token(t.carry, 0, &carried, token);
    cr_assert_eq(t.finder.num_lost, 1);
    cr_assert_eq(t.came.tokens[0].num_gaps, 1);
    talk_end(&t);
}
