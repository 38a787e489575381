/*
 * spnego/xmpp_xml.h - the elements of xmpp.h out of an XML stream: for programs without an XML
 * parser of their own.  In an archive of its own, libspnego-xmpp.a (`make xmpp`), which needs
 * expat.
 *
 *     while (in.len != 0) {
 *         status = spnego_xmpp_xml_receive(reader, &item, &taken, in);
 *         in.data += taken, in.len -= taken;
 *         if (status != SPNEGO_COMPLETE)
 *             break;                                    // CONTINUE: all is taken, more is needed
 *         if (item.kind == SPNEGO_XMPP_XML_ELEMENT)
 *             spnego_xmpp_receive(session, &out, &item.element) ...
 *     }
 *
 * `taken` ends right behind the '>' of the item, so that what follows <success/> is left for the
 * security layer (RFC 6120 6.4.6, 6.6), and, decoded, for a reader that is new, as the stream is.
 *
 * What RFC 6120 11.1 forbids is refused: document type declarations, so entities, processing
 * instructions and comments.  Prefixes may be any; unknown elements are skipped as a whole, unknown
 * children are ignored (6.3.5).  White space between elements is ignored, other text is refused.
 */
#ifndef SPNEGO_XMPP_XML_H
#define SPNEGO_XMPP_XML_H

#include <spnego/xmpp.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spnego_xmpp_xml_kind {
    SPNEGO_XMPP_XML_STREAM = 1, /* the start tag of <stream:stream>                      */
    SPNEGO_XMPP_XML_FEATURES,   /* <stream:features>, with the mechanisms that it offers */
    SPNEGO_XMPP_XML_ELEMENT,    /* an element of SASL's                                  */
    SPNEGO_XMPP_XML_OTHER,      /* any other, skipped                                    */
    SPNEGO_XMPP_XML_END         /* the end tag of the stream                             */
} spnego_xmpp_xml_kind;

/* Its views are the reader's, until its next call. */
typedef struct spnego_xmpp_xml_item {
    spnego_xmpp_xml_kind kind;
    spnego_xmpp_element element;
    const spnego_bytes
        *mechanisms; /* names, in the server's order; at most 32, the rest is left out */
    size_t num_mechanisms;
} spnego_xmpp_xml_item;

typedef struct spnego_xmpp_xml spnego_xmpp_xml;

/* spnego_xmpp_xml_create returns a reader for one stream, or NULL if there is no memory, which is
 * malloc's.  max_item: octets of one item, white space before it included, less than 2^31, 0:
 * 131072; max_depth: elements in elements, the stream counted, 0: 16.  What the reader keeps is
 * bounded by these, however long the stream is. */
SPNEGO_API spnego_xmpp_xml *spnego_xmpp_xml_create(size_t max_item, unsigned max_depth);

/* spnego_xmpp_xml_destroy frees.  reader may be NULL. */
SPNEGO_API void spnego_xmpp_xml_destroy(spnego_xmpp_xml *reader);

/* spnego_xmpp_xml_receive reads one item, octets cut anywhere.  COMPLETE: *out_item; CONTINUE: more
 * is needed; ERR_MALFORMED, ERR_PROTOCOL, ERR_LIMIT, ERR_NO_MEMORY: spnego_xmpp_xml_error says why,
 * and every later call gives the same.  *out_taken octets are done with; ERR_USAGE after the end.
 */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_xml_receive(spnego_xmpp_xml *reader,
                                                                 spnego_xmpp_xml_item *out_item,
                                                                 size_t *out_taken,
                                                                 spnego_bytes in);

/* spnego_xmpp_xml_error returns the rule that was broken, and in offset how many octets of the item
 * had been read. */
SPNEGO_API const spnego_error *spnego_xmpp_xml_error(const spnego_xmpp_xml *reader);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_XMPP_XML_H */
