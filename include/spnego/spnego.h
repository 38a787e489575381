/* spnego/spnego.h - the whole public interface, in layer order. */
#ifndef SPNEGO_SPNEGO_H
#define SPNEGO_SPNEGO_H

#include <spnego/types.h>

#include <spnego/rules.h>

#include <spnego/oid.h>

#include <spnego/token.h>

#include <spnego/negotiate.h>

#include <spnego/base64.h>

#include <spnego/carrier.h>

#include <spnego/http.h>
#include <spnego/nns.h>
#include <spnego/sasl.h>
#include <spnego/socks5.h>

#include <spnego/xmpp.h>

#endif /* SPNEGO_SPNEGO_H */
