/* What --help prints. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char help_all[] =
    "usage: spnego COMMAND [OPTION...] [INPUT...]\n"
    "\n"
    "  decode   decode every token in the inputs\n"
    "  lint     only what is wrong with them, one line each\n"
    "  encode   build a token from the text form of a vector's `source` block\n"
    "  explain  what a rule says and where it comes from\n"
    "  replay   judge a whole exchange: is it complete, who broke a rule, who owes\n"
    "  extract  find tokens in captures and write them out\n"
    "\n"
    "`spnego COMMAND --help` says more; `spnego --version` prints the version.\n"
    "\n"
    "exit status: 0 clean, 1 findings of severity error, 2 an input without a\n"
    "decodable token, 64 wrong usage, 66 an input that could not be read, 71 no\n"
    "memory or no thread, 74 an output that could not be written\n"
    "\n"
    "  spnego decode -t 'Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg=='\n";

#define HELP_INPUT \
    "INPUT is a file or - for standard input, which is also the default.  Tokens\n" \
    "are found in raw octets, in hexadecimal and its dumps, in base64, in arrays and\n" \
    "strings of source text, in HTTP headers, in lines of logs, and in captures\n" \
    "(pcap, pcapng).\n" \
    "\n" \
    "  -t TEXT            TEXT is the input; may be given several times\n" \
    "  --from FORM        auto, raw, hex, base64, header, lines (one token a line,\n" \
    "                     one result a line), pcap, or what a connection carried:\n" \
    "                     nns, socks5, xmpp\n" \
    "  --as ROLE          initiator or acceptor: who would receive the tokens\n" \
    "  --strict           stop at the first departure from the standards\n" \
    "  --tolerate LIST    tolerate these only: LONG_LENGTH, LONG_OID_LENGTH,\n" \
    "                     TRAILING_BYTES, UNTRIMMED_REQ_FLAGS,\n" \
    "                     MALFORMED_REQ_FLAGS, FRAMED_RESP, UNFRAMED_INIT,\n" \
    "                     FIELD_ORDER, MISSING_MECH_TYPES, EMPTY_MECH_TYPES,\n" \
    "                     UNKNOWN_NEG_STATE, INTEROPERABLE, ALL (default), NOTHING\n" \
    "  --format FORMAT    text or json: one object a token, one a line\n" \
    "  --pretty           indent JSON\n" \
    "  -j, --jobs N       decode lines with N threads; 0: as many as processors\n" \
    "  --redact           leave out what could be cracked or names someone; of a\n" \
    "                     capture's addresses only which are the same is shown\n" \
    "  --color WHEN       auto, always or never\n"

static const char help_decode[] =
    "usage: spnego decode [OPTION...] [INPUT...]\n"
    "\n" HELP_INPUT "  --as-vector        print a vector file; given one, make its hex and expect\n"
    "                     blocks anew\n"
    "  --format pyspnego  JSON in the shape of pyspnego's parser, one object a token;\n"
    "                     it holds every octet, so not with --redact\n"
    "\n"
    "  spnego decode token.bin\n"
    "  curl -sv --negotiate -u : http://server/ 2>&1 | spnego decode\n"
    "  spnego decode --format json -t '60 28 06 06 2b 06 01 05 05 02 ...' | jq .token\n"
    "  spnego decode server.pcapng\n"
    "  zcat tokens.gz | spnego decode --from lines -j 0 --format json\n";

static const char help_lint[] =
    "usage: spnego lint [OPTION...] [INPUT...]\n"
    "\n"
    "Prints INPUT:offset: severity: RULE_NAME: sentence [source], one line a finding.\n"
    "In a capture INPUT is FILE#FRAME, and in a conversation, as spnego replay takes\n"
    "it, FILE#INDEX; there each token is judged by what was said before it, too.\n"
    "\n" HELP_INPUT "\n"
    "  spnego lint --as initiator reply.hex\n"
    "  spnego lint --strict -t 'Negotiate YIIB...'\n";

static const char help_encode[] =
    "usage: spnego encode [--to raw|hex|base64] [-t TEXT | INPUT]\n"
    "\n"
    "INPUT is source text or a vector file; - or nothing is standard input.\n"
    "Elements are names or tags with braces: SEQUENCE { }, [0] { },\n"
    "[APPLICATION 0] { }, [0 PRIMITIVE] { }; in them are elements, `hex`, \"text\",\n"
    "numbers and OIDs.  Before an element may stand long-form:N, adjust-length:+N\n"
    "or -N, indefinite.  Comments begin with #.\n"
    "\n"
    "  spnego encode --to hex -t '[1] { SEQUENCE { [0] { ENUMERATED { 2 } } } }'\n"
    "  spnego encode vectors/accept/resp-reject-alone.txt >token.bin\n";

static const char help_explain[] =
    "usage: spnego explain [--vectors DIR] RULE...\n"
    "       spnego explain --list\n"
    "\n"
    "RULE is a name or a number.  The vectors that show the rule are looked for in\n"
    "DIR, by default in `vectors` where that is a directory.\n"
    "\n"
    "  spnego explain 106\n"
    "  spnego explain DER_LENGTH_NOT_MINIMAL\n";

#define HELP_CARRIED \
    "In a capture (pcap, pcapng), TCP streams are put back together and tokens\n" \
    "looked for in HTTP, SMB, LDAP, DCE/RPC, MS-NNS, SOCKS5, XMPP and DNS TKEY, on\n" \
    "any port, else by their own octets.\n"

static const char help_extract[] =
    "usage: spnego extract [OPTION...] [INPUT...]\n"
    "\n"
    "Writes the tokens in the inputs, one a line, or one a file.\n"
    "\n" HELP_CARRIED "Any other file is searched as `decode` does it, or octet by octet.\n"
    "\n"
    "  -t TEXT            TEXT is the input; may be given several times\n"
    "  --from FORM        as for `decode`\n"
    "  --to FORM          hex (default), base64, raw or vector\n"
    "  -d DIR             one file each in DIR, numbered: 000001.hex and so on\n"
    "\n"
    "exit status: 0, 2 if an input holds no token, 66 if it could not be read\n"
    "\n"
    "  spnego extract server.pcapng\n"
    "  spnego extract --to raw -d tokens *.pcap\n"
    "  spnego extract --to base64 proxy.pcap | spnego decode --from lines\n"
    "  spnego extract --from nns stream.bin\n";

static const char help_replay[] =
    "usage: spnego replay [OPTION...] [INPUT...]\n"
    "\n"
    "Runs both sides' rules over whole exchanges: for each token who sent it, what it\n"
    "does and what is wrong with it, and at the end one verdict: complete,\n"
    "incomplete, rejected or violation.  INPUT is a conversation as lines\n"
    "\n"
    "  I: HEX-or-base64   from the initiator\n"
    "  A: HEX-or-base64   from the acceptor\n"
    "\n"
    "a file of vectors/transcripts or vectors/exchanges, a capture, or other text\n"
    "with the tokens in their order.\n"
    "\n" HELP_CARRIED "\n"
    "What Kerberos and NTLM need is read from their tokens; of other mechanisms it is\n"
    "unknown, and said so.  Without keys no MIC can be checked.\n"
    "\n"
    "  -t TEXT            TEXT is the input; may be given several times\n"
    "  --from FORM        as for `decode`\n"
    "  --format FORMAT    text or json: one object an exchange, one a line\n"
    "  --pretty           indent JSON\n"
    "  --redact           leave out addresses; which are the same is shown\n"
    "\n"
    "exit status: 0 complete and clean, 1 not, 2 an input without a token, 66 an\n"
    "input that could not be read\n"
    "\n"
    "  spnego replay login.txt\n"
    "  spnego replay server.pcapng\n"
    "  spnego replay --format json *.pcap | jq -r 'select(.verdict != \"complete\")'\n";

int cli_help(const char *command)
{
    static const struct {
        const char *command, *text;
    } texts[] = {{"decode", help_decode},   {"lint", help_lint},     {"encode", help_encode},
                 {"explain", help_explain}, {"replay", help_replay}, {"extract", help_extract}};

    if (command == NULL) {
        fputs(help_all, stdout);
        return 1;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i].command, command) == 0) {
            fputs(texts[i].text, stdout);
            return 1;
        }
    }
    return 0;
}
