/*
 * fuzz/socks5.h - a client or a server of SOCKS 5 (RFC 1961) whose settings, peer and application
 * come from the input, run twice: with what the peer sends as it stands, and cut in other ways.
 *
 * Six octets of settings, as set_up in socks5.c says; then moves, as `move` says.
 */
#ifndef SPNEGO_FUZZ_SOCKS5_H
#define SPNEGO_FUZZ_SOCKS5_H

#include "law.h"

#include <spnego/negotiate.h>

void run_socks5(spnego_role role, const uint8_t *data, size_t size);

#endif /* SPNEGO_FUZZ_SOCKS5_H */
