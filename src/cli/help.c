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
    "  replay   a whole exchange (comes with a later version)\n"
    "  extract  find tokens in captures (comes with a later version)\n"
    "\n"
    "`spnego COMMAND --help` says more; `spnego --version` prints the version.\n"
    "\n"
    "exit status: 0 clean, 1 findings of severity error, 2 an input without a\n"
    "decodable token, 64 wrong usage, 66 an input that could not be read\n"
    "\n"
    "  spnego decode -t 'Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg=='\n";

#define HELP_INPUT \
    "INPUT is a file or - for standard input, which is also the default.  Tokens\n" \
    "are found in raw octets, in hexadecimal and its dumps, in base64, in HTTP\n" \
    "headers and in lines of logs.\n" \
    "\n" \
    "  -t TEXT            TEXT is the input; may be given several times\n" \
    "  --from FORM        auto, raw, hex, base64, header, or lines: one token a\n" \
    "                     line, one result a line\n" \
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
    "  --redact           leave out what could be cracked or names someone\n" \
    "  --color WHEN       auto, always or never\n"

static const char help_decode[] =
    "usage: spnego decode [OPTION...] [INPUT...]\n"
    "\n" HELP_INPUT "  --as-vector        print a vector file; given one, make its hex and expect\n"
    "                     blocks anew\n"
    "\n"
    "  spnego decode token.bin\n"
    "  curl -sv --negotiate -u : http://server/ 2>&1 | spnego decode\n"
    "  spnego decode --format json -t '60 28 06 06 2b 06 01 05 05 02 ...' | jq .token\n"
    "  zcat tokens.gz | spnego decode --from lines -j 0 --format json\n";

static const char help_lint[] =
    "usage: spnego lint [OPTION...] [INPUT...]\n"
    "\n"
    "Prints INPUT:offset: severity: RULE_NAME: sentence [source], one line a finding.\n"
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
    "  spnego encode vectors/accept/reject-alone.txt >token.bin\n";

static const char help_explain[] =
    "usage: spnego explain [--vectors DIR] RULE...\n"
    "       spnego explain --list\n"
    "\n"
    "RULE is a name or a number.  The vectors that show the rule are looked for in\n"
    "DIR, by default in `vectors` where that is a directory.\n"
    "\n"
    "  spnego explain 106\n"
    "  spnego explain DER_LENGTH_NOT_MINIMAL\n";

static const char help_later[] = "This command comes with a later version.\n";

int cli_help(const char *command)
{
    static const struct {
        const char *command, *text;
    } texts[] = {{"decode", help_decode},   {"lint", help_lint},    {"encode", help_encode},
                 {"explain", help_explain}, {"replay", help_later}, {"extract", help_later}};

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
