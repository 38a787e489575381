/* fuzz/output.h - what must hold of everything that the inspector prints of a token. */
#ifndef SPNEGO_FUZZ_OUTPUT_H
#define SPNEGO_FUZZ_OUTPUT_H

#include "law.h"

/* check_output reads `token`, shows it in every way, and breaks a law unless
 *   - places of nodes and findings lie inside it, in the JSON too, and nodes make a tree;
 *   - the text is UTF-8 without characters that nobody sees but line feeds, and with renditions
 *     only where colour is asked for; a line of lint is a finding;
 *   - the JSON is JSON, and indented the same; pyspnego's too;
 *   - a vector made of it holds it, as octets and as source, and written anew is the same;
 *   - what --redact shows is the same whatever the octets are that it hides, and holds no eight of
 *     what could be cracked. */
void check_output(spnego_bytes token);

/* check_text breaks a law unless `text` is whole lines of UTF-8 without such characters. */
void check_text(spnego_bytes text);

typedef enum json_style { JSON_PLAIN, JSON_PRETTY, JSON_PYSPNEGO } json_style;

/* check_json breaks a law unless `text` is one object of RFC 8259 and a line feed, without blanks
 * unless it is pretty.  Where `token` is there, places lie in it, and in those around them. */
void check_json(spnego_bytes text, json_style style, spnego_bytes token);

#endif /* SPNEGO_FUZZ_OUTPUT_H */
