#!/usr/bin/env python3
"""Captures as they come from real machines, and what must be found in each.

    shapes.py SPNEGO [NAME...]
    shapes.py --write FOLDER
    shapes.py --seeds FOLDER            seeds of fuzz/fuzz_capture.c, in its form

Files of every byte order and resolution, links, packets that are cut, sent again or missing, and for
every carrier what else is on such connections.  A case writes a capture and says which tokens are in
it: carrier, sender, number of the exchange, name of the token.  Last line: "N passed, N failed".
"""
import base64
import json
import os
import struct
import subprocess
import sys
import tempfile

import capture_maker
from capture_maker import ber

# Short ones of every kind; those of NTLM differ in their last octets.
INIT = bytes.fromhex("602706062b0601050502a01d301ba0193017060a2b06010401823702020a06092a864886f712010202")
MORE = bytes.fromhex("a1073005a0030a0101")
DONE = bytes.fromhex("a1073005a0030a0100")
NO = bytes.fromhex("a1073005a0030a0102")
TYPE1 = b"NTLMSSP\0\1\0\0\0" + bytes(24)
TYPE2 = b"NTLMSSP\0\2\0\0\0" + bytes(40)
TYPE3 = b"NTLMSSP\0\3\0\0\0" + bytes(60)
NAMES = {INIT: "INIT", MORE: "MORE", DONE: "DONE", NO: "NO", TYPE1: "TYPE1", TYPE2: "TYPE2", TYPE3: "TYPE3"}

CLIENT, SERVER = (b"\x0a\0\0\1", 40000), (b"\x0a\0\0\2", 80)
CLIENT6, SERVER6 = (b"\xfd" + bytes(14) + b"\1", 40000), (b"\xfd" + bytes(14) + b"\2", 80)
SYN, ACK, PUSH, RST, FIN = 2, 16, 24, 4, 17


# ---- Packets ------------------------------------------------------------------------------------

class Talk:
    """One connection, as IP packets."""

    def __init__(self, client=CLIENT, server=SERVER, isn=1000, syn=True):
        self.ends = {"I": (client, server), "A": (server, client)}
        self.seq = {"I": isn, "A": isn ^ 0x5555}
        self.packets = []
        if syn:
            self.send("I", b"", SYN)
            self.send("A", b"", SYN | ACK)
        self.seq = {who: seq + 1 for who, seq in self.seq.items()}

    def send(self, who, octets, flags=PUSH, at=None):
        """At the next sequence number, which it moves, or at another one, which stays."""
        other = "A" if who == "I" else "I"
        self.packets.append(ip(*self.ends[who], 6, struct.pack(
            ">HHIIBBHHH", self.ends[who][0][1], self.ends[who][1][1],
            (self.seq[who] if at is None else at) & 0xffffffff, self.seq[other] & 0xffffffff, 0x50, flags, 8192,
            0, 0) + octets))
        if at is None:
            self.seq[who] += len(octets)
        return self

    def say(self, wire, segment=1448):
        for who, octets in wire:
            for at in range(0, len(octets), segment):
                self.send(who, octets[at:at + segment])
        return self


def ip(src, dst, protocol, payload, number=0, part=0):
    """`part` is the field of flags and offset of IPv4; of IPv6, the fragment header is payload."""
    if len(src[0]) == 4:
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number, part, 64, protocol, 0) + src[0] + \
            dst[0] + payload
    return struct.pack(">IHBB", 0x60000000, len(payload), protocol, 64) + src[0] + dst[0] + payload


def fragments(packet, number, size):
    """The same packet in parts of at most `size` octets, a multiple of 8."""
    is_ipv6 = packet[0] >> 4 == 6
    head, payload = (packet[:40], packet[40:]) if is_ipv6 else (packet[:20], packet[20:])
    src, dst = ((head[8:24], 0), (head[24:40], 0)) if is_ipv6 else ((head[12:16], 0), (head[16:20], 0))
    protocol = head[6] if is_ipv6 else head[9]
    parts = []
    for at in range(0, len(payload), size):
        piece, more = payload[at:at + size], at + size < len(payload)
        if is_ipv6:
            parts.append(ip(src, dst, 44, struct.pack(">BBHI", protocol, 0, at | more, number) + piece))
        else:
            parts.append(ip(src, dst, protocol, piece, number, at // 8 | more * 0x2000))
    return parts


def udp(src, dst, payload):
    return ip(src, dst, 17, struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload)


def ethernet(packet, tags=b""):
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + tags + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0") + packet


def type_of(packet):
    return b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0"


# ---- Files --------------------------------------------------------------------------------------

def pcap(frames, link=1, order="<", magic=0xa1b2c3d4, unit=1000, snaplen=65535):
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)
    for i, frame in enumerate(frames):
        out += struct.pack(order + "IIII", 1700000000, (i + 1) * unit, min(len(frame), snaplen), len(frame))
        out += frame[:snaplen]
    return out


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng(frames, interfaces, order="<"):
    """interfaces: (link, power of ten); frames: (interface, octets)."""
    out = block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))
    for link, power in interfaces:
        out += block(order, 1, struct.pack(order + "HHI", link, 0, 0) +
                     struct.pack(order + "HHB3xHH", 9, 1, power, 0, 0))
    for i, (interface, frame) in enumerate(frames):
        when = 1700000000 * 10 ** interfaces[interface][1] + (i + 1) * 10 ** (interfaces[interface][1] - 3)
        out += block(order, 6, struct.pack(order + "IIIII", interface, when >> 32, when & 0xffffffff, len(frame),
                                           len(frame)) + frame)
    return out


def frames_of(*talks):
    return [ethernet(packet) for talk in talks for packet in talk.packets]


# ---- Carriers -----------------------------------------------------------------------------------

def request(token=None, line="GET / HTTP/1.1", scheme="Negotiate", name="Authorization", body=b"", more=""):
    head = f"{line}\r\nHost: srv\r\n{more}"
    if token is not None:
        head += f"{name}: {scheme} {base64.b64encode(token).decode()}\r\n"
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return "I", head.encode() + b"\r\n" + body


def response(token=None, code="401 Unauthorized", scheme="Negotiate", name="WWW-Authenticate", body=b"", more=""):
    head = f"HTTP/1.1 {code}\r\n{more}"
    if token is not None:
        head += f"{name}: {scheme} {base64.b64encode(token).decode()}\r\n"
    if "chunked" not in more:
        head += f"Content-Length: {len(body)}\r\n"
    return "A", head.encode() + b"\r\n" + body


def smb2(command, token, message, session, is_response=False, next_at=0, status=0):
    if command != 1:
        body = token
    elif is_response:
        body = struct.pack("<HHHH", 9, 0, 64 + 8, len(token)) + token
    else:
        body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 64 + 24, len(token), 0) + token
    return struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, int(is_response), next_at, message,
                       0xfeff, 0, session, bytes(16)) + body


def framed(*messages):
    whole = b"".join(messages)
    return struct.pack(">I", len(whole)) + whole


def compound(first, *rest):
    padded = first + bytes(-len(first) % 8)
    return framed(padded[:20] + struct.pack("<I", len(padded)) + padded[24:], *rest)


def bind_request(number, token, mechanism=b"GSS-SPNEGO"):
    sasl = ber(0xa3, ber(4, mechanism) + ber(4, token))
    return "I", ber(0x30, ber(2, bytes([number])) + ber(0x60, ber(2, b"\3") + ber(4, b"") + sasl))


def bind_response(number, token, code=14):
    op = ber(0x61, ber(10, bytes([code])) + ber(4, b"") + ber(4, b"") + ber(0x87, token))
    return "A", ber(0x30, ber(2, bytes([number])) + op)


def pdu(kind, token, context=77, flags=3, body=bytes(8), order="<", auth_type=9):
    drep = b"\x10\0\0\0" if order == "<" else bytes(4)
    pad = -len(body) % 4
    trailer = struct.pack(order + "BBBBI", auth_type, 6, pad, 0, context) + token if token is not None else b""
    length = 16 + len(body) + pad + len(trailer)
    return struct.pack(order + "BBBB4sHHI", 5, 0, kind, flags, drep, length, len(token or b""), 1) + body + \
        bytes(pad) + trailer


def tkey(number, token, is_response=False, name=b"\x041234\x03srv\0"):
    """RFC 2930 2: a query with the key in its additional section, an answer with it in its answer section."""
    data = b"\x08gss-tsig\0" + struct.pack(">IIHHH", 0, 0, 3, 0, len(token)) + token + b"\0\0"
    record = (b"\xc0\x0c" if is_response else name) + struct.pack(">HHIH", 249, 255, 0, len(data)) + data
    counts = (1, 1, 0, 0) if is_response else (1, 0, 0, 1)
    return struct.pack(">HHHHHH", number, 0x8000 if is_response else 0, *counts) + name + b"\0\xf9\0\xff" + record


PAIR = [request(INIT), response(DONE, "200 OK", body=b"hello")]
FOUND = ["http I 1 INIT", "http A 1 DONE"]


# ---- Cases: the capture, and what is in it; more lines must be among what is said -----------------

def files():
    frames = frames_of(Talk().say(PAIR))
    late = ["http I 1 INIT", "http A 1 DONE"]
    for name, order in (("little", "<"), ("big", ">")):
        yield f"pcap-{name}", pcap(frames, order=order), late
        yield f"pcap-{name}-nanoseconds", pcap(frames, order=order, magic=0xa1b23c4d, unit=1000000), late
        yield f"pcapng-{name}", pcapng([(0, frame) for frame in frames], [(1, 6)], order), late
        yield f"pcapng-{name}-interfaces", pcapng([(i % 3, frame) for i, frame in enumerate(frames)],
                                                  [(1, 6), (1, 9), (1, 3)], order), late
    # libpcap has one link type for a file; what came before the other one is read.
    other = block("<", 1, struct.pack("<HHI", 101, 0, 0))
    yield "pcapng-links-differ", pcapng([(0, frame) for frame in frames], [(1, 6)]) + other, late, \
        "different from the type of the first interface"
    yield "breaks-off", pcap(frames + [bytes(60)])[:-30], late, "truncated dump file"


def links():
    for name, talk in (("ipv4", Talk()), ("ipv6", Talk(CLIENT6, SERVER6))):
        packets = talk.say(PAIR).packets
        kinds = {"ethernet": (1, lambda p: ethernet(p)),
                 "ethernet-padded": (1, lambda p: ethernet(p) + bytes(46)),
                 "vlan": (1, lambda p: ethernet(p, b"\x81\0\0\5")),
                 "qinq": (1, lambda p: ethernet(p, b"\x88\xa8\0\5\x81\0\0\6")),
                 "null-little": (0, lambda p: struct.pack("<I", 2 if p[0] >> 4 == 4 else 30) + p),
                 "null-big": (0, lambda p: struct.pack(">I", 2 if p[0] >> 4 == 4 else 24) + p),
                 "loop": (108, lambda p: struct.pack(">I", 2 if p[0] >> 4 == 4 else 24) + p),
                 "raw": (101, lambda p: p),
                 "cooked": (113, lambda p: b"\0\0\0\1\0\6abcdef\0\0" + type_of(p) + p),
                 "cooked-vlan": (113, lambda p: b"\0\0\0\1\0\6abcdef\0\0\x81\0\0\5" + type_of(p) + p),
                 "cooked-2": (276, lambda p: type_of(p) + b"\0\0\0\0\0\2\0\1\0\6abcdef\0\0" + p)}
        for kind, (link, wrap) in kinds.items():
            yield f"link-{kind}-{name}", pcap([wrap(p) for p in packets], link), FOUND
    packets = Talk().say(PAIR).packets
    yield "link-ipv4", pcap(packets, 228), FOUND
    yield "link-ieee802-11", pcap(packets, 105), [], "its link type, IEEE802_11, is not read"


def streams():
    one = Talk().say(PAIR)
    yield "no-syn", pcap(frames_of(Talk(syn=False).say(PAIR))), FOUND
    yield "answers-only", pcap([ethernet(p) for p in one.packets if p[12:16] == SERVER[0]]), ["http A 1 DONE"]
    yield "sequence-wraps", pcap(frames_of(Talk(isn=0xffffffff - 60).say(PAIR, 50))), FOUND
    talk = Talk().say(PAIR[:1])
    for _ in range(3):
        talk.send("I", b"\0", ACK, talk.seq["I"] - 1).send("A", b"", ACK)
    yield "keep-alive", pcap(frames_of(talk.say(PAIR[1:]).say(PAIR))), FOUND + ["http I 2 INIT", "http A 2 DONE"]
    # A zero-window probe is the next octet, and comes again with those after it.
    talk = Talk()
    talk.send("I", PAIR[0][1][:1], ACK, talk.seq["I"])
    yield "window-probe", pcap(frames_of(talk.say(PAIR))), FOUND
    yield "syn-again", pcap([frames_of(one)[0]] * 3 + frames_of(one)), FOUND
    yield "reset", pcap(frames_of(Talk().say(PAIR).send("I", b"", RST).send("A", b"", RST))), FOUND
    talks = [Talk(isn=isn).say(PAIR) for isn in (1000, 2000000000, 3000000000)]
    twice = [line for n in "123" for line in (f"http I {n} INIT", f"http A {n} DONE")]
    yield "ports-used-again", pcap(frames_of(*talks)), twice
    # ... the last one of them ended in the middle of a message.
    cut = Talk(isn=1000).say([("I", PAIR[0][1][:70])]).send("I", b"", RST)
    yield "ports-used-again-after-reset", pcap(frames_of(cut, Talk(isn=7).say(PAIR))), FOUND
    smb = Talk(isn=5).say([("I", framed(smb2(1, INIT, 1, 0))), ("A", framed(smb2(1, DONE, 1, 9, True)))])
    yield "ports-used-again-other-carrier", pcap(frames_of(one, smb)), FOUND + ["smb2 I 2 INIT", "smb2 A 2 DONE"]
    frames = frames_of(Talk().say(PAIR, 100))
    # A stream's token is there when its last piece is.
    yield "reordered", pcap(frames[:2] + frames[2:][::-1]), FOUND[::-1]
    yield "each-frame-twice", pcap([frame for frame in frames for _ in "ab"]), FOUND
    # Long enough for the short ones, not for what follows.
    long = Talk().say(PAIR + [request(INIT + bytes(100)), response(NO)])
    yield "snaplen", pcap(frames_of(long), snaplen=190), FOUND + ["http A 1 NO"], \
        "only the beginning was captured: 1"
    for length in (30, 40):  # within the header of IP, of TCP
        yield f"snaplen-{length}", pcap(frames_of(one), snaplen=length), [], "only the beginning was captured: 4\n"


def fragmented():
    for name, ends in (("ipv4", (CLIENT, SERVER)), ("ipv6", (CLIENT6, SERVER6))):
        packets = Talk(*ends).say(PAIR).packets
        parts = [fragments(packet, 100 + i, 64) for i, packet in enumerate(packets)]
        in_order = [part for packet in parts for part in packet]
        yield f"fragments-{name}", pcap([ethernet(p) for p in in_order]), FOUND
        backward = [part for packet in parts for part in reversed(packet)]
        yield f"fragments-{name}-backward", pcap([ethernet(p) for p in backward]), FOUND
        mixed = [p[i] for i in range(max(map(len, parts))) for p in parts if i < len(p)]
        yield f"fragments-{name}-mixed", pcap([ethernet(p) for p in mixed]), FOUND[::-1]
        # Of the last part the second one comes when its packet is whole.
        yield f"fragments-{name}-twice", pcap([ethernet(p) for part in in_order for p in (part, part)]), FOUND, \
            "packets that are not whole, or overlap: 2"
        yield f"fragments-{name}-lost", pcap([ethernet(p) for p in in_order if p is not parts[2][1]]), \
            ["http A 1 DONE"], "packets that are not whole"
        overlap = fragments(packets[2], 102, 72)[1]
        yield f"fragments-{name}-overlap", pcap([ethernet(p) for p in parts[2][:1] + [overlap] + parts[2][1:] +
                                                 parts[3]]), ["http A 1 DONE"], "packets that are not whole"
        datagrams = [udp(ends[0], (ends[1][0], 53), tkey(7, INIT)), udp((ends[1][0], 53), ends[0], tkey(7, DONE, True))]
        cut = [part for i, p in enumerate(datagrams) for part in fragments(p, i, 48)]
        yield f"fragments-{name}-dns", pcap([ethernet(p) for p in cut]), ["dns-tkey I 1 INIT", "dns-tkey A 1 DONE"]


def http():
    def case(name, wire, found, *said):
        return f"http-{name}", pcap(frames_of(Talk().say(wire))), found, *said

    yield case("keep-alive", PAIR * 3, [line for n in "123" for line in (f"http I {n} INIT", f"http A {n} DONE")])
    ntlm = [request(TYPE1, scheme="NTLM"), response(TYPE2, scheme="NTLM", body=b"no"), request(TYPE3, scheme="NTLM"),
            response(None, "200 OK", body=b"yes")]
    legs = ["http I %d TYPE1", "http A %d TYPE2", "http I %d TYPE3"]
    plain = [request(), response(None, "200 OK", body=b"yes")]
    yield case("ntlm-persistent", ntlm + plain * 3 + ntlm, [leg % n for n in (1, 2) for leg in legs])
    # The answers go to the last request: no client is known that authenticates another one before it
    # has the answer.
    yield case("pipelined", [request(INIT), request(INIT), response(MORE), response(DONE, "200 OK")],
               ["http I 1 INIT", "http I 2 INIT", "http A 2 MORE", "http A 2 DONE"])
    yield case("pipelined-behind-plain", [request(INIT), request(), response(DONE, "200 OK"), plain[1]] + PAIR,
               FOUND + ["http I 2 INIT", "http A 2 DONE"])
    yield case("asked-first", [request(), response(None, more="WWW-Authenticate: Negotiate\r\n")] + PAIR, FOUND)
    chunks = b"5\r\nhello\r\n" + b"%x;a=b\r\n" % len(PAIR[1][1]) + PAIR[1][1] + b"\r\n0\r\nX: y\r\n\r\n"
    yield case("chunked", [request(INIT), response(MORE, body=chunks, more="Transfer-Encoding: chunked\r\n"),
                           request(MORE), response(DONE, "200 OK")],
               ["http I 1 INIT", "http A 1 MORE", "http I 1 MORE", "http A 1 DONE"])
    yield case("body-of-a-request", [request(INIT, "POST / HTTP/1.1", body=PAIR[0][1] * 3), PAIR[1]], FOUND)
    yield case("continue", [request(INIT, "POST / HTTP/1.1", more="Expect: 100-continue\r\n"),
                            ("A", b"HTTP/1.1 100 Continue\r\n\r\n"), PAIR[1]], FOUND)
    for code in ("204 No Content", "304 Not Modified"):
        yield case("no-body-" + code[:3], [request(), response(None, code, more="Content-Length: 99\r\n")] + PAIR, FOUND)
    yield case("head", [request(None, "HEAD / HTTP/1.1"),
                        ("A", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")] + PAIR, FOUND)
    proxy = [request(INIT, "CONNECT srv:80 HTTP/1.1", name="Proxy-Authorization"),
             response(MORE, "407 No", name="Proxy-Authenticate", body=b"no"),
             request(MORE, "CONNECT srv:80 HTTP/1.1", name="Proxy-Authorization"),
             ("A", b"HTTP/1.1 200 OK\r\n\r\n")]
    asked = ["http I 1 INIT", "http A 1 MORE", "http I 1 MORE"]
    yield case("connect", proxy + PAIR, asked + ["http I 2 INIT", "http A 2 DONE"])
    yield case("connect-tls", proxy + [("I", b"\x16\3\1\2\0\1" + bytes(511)), ("A", b"\x16\3\3\0\x40" + bytes(64))],
               asked)
    yield case("connect-smb", proxy + [("I", framed(smb2(1, INIT, 1, 0))), ("A", framed(smb2(1, DONE, 1, 9, True)))],
               asked + ["smb2 I 2 INIT", "smb2 A 2 DONE"])
    upgrade = [request(None, "GET /chat HTTP/1.1", more="Upgrade: websocket\r\n"),
               ("A", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), ("A", b"\x81\5hello"), ("I", b"\x81\x85abcdefghi")]
    yield case("upgrade", PAIR + upgrade, FOUND)
    yield case("until-the-end", [request(INIT), ("A", PAIR[1][1].replace(b"Content-Length: 5\r\n", b"") + b"\n" * 50)],
               FOUND)
    both = request(INIT)[1].replace(b"Host", b"Proxy-Authorization: NTLM " + base64.b64encode(TYPE1) + b"\r\nHost")
    yield case("proxy-and-server", [("I", both), response(DONE, "200 OK")],
               ["http I 1 TYPE1", "http I 2 INIT", "http A 2 DONE"])


def smb():
    def case(name, wire, found, *said, port=445):
        return f"smb-{name}", pcap(frames_of(Talk(server=(SERVER[0], port)).say(wire))), found, *said

    turns = [("I", framed(smb2(1, INIT, 1, 0))), ("A", framed(smb2(1, MORE, 1, 9, True, status=0xc0000016))),
             ("I", framed(smb2(1, TYPE3, 2, 9))), ("A", framed(smb2(1, DONE, 2, 9, True)))]
    found = ["smb2 I 1 INIT", "smb2 A 1 MORE", "smb2 I 1 TYPE3", "smb2 A 1 DONE"]
    tree = smb2(3, struct.pack("<HHHH", 9, 0, 72, 0), 3, 9)
    yield case("compound", [("I", compound(smb2(1, INIT, 1, 0), tree)),
                            ("A", compound(smb2(1, DONE, 1, 9, True), tree))], ["smb2 I 1 INIT", "smb2 A 1 DONE"])
    yield case("compound-second", [("I", compound(tree, smb2(1, INIT, 1, 0))),
                                   ("A", compound(tree, smb2(1, DONE, 1, 9, True)))],
               ["smb2 I 1 INIT", "smb2 A 1 DONE"])
    yield case("interleaved", [
        ("I", framed(smb2(1, INIT, 1, 0))), ("I", framed(smb2(1, TYPE1, 2, 0))),
        ("A", framed(smb2(1, TYPE2, 2, 8, True))), ("A", framed(smb2(1, MORE, 1, 9, True))),
        ("I", framed(smb2(1, TYPE3, 3, 8))), ("I", framed(smb2(1, MORE, 4, 9))),
        ("A", framed(smb2(1, DONE, 4, 9, True)))],
        ["smb2 I 1 INIT", "smb2 I 2 TYPE1", "smb2 A 2 TYPE2", "smb2 A 1 MORE", "smb2 I 2 TYPE3", "smb2 I 1 MORE",
         "smb2 A 1 DONE"])
    sealed = struct.pack("<4s16s16sIHHQ", b"\xfdSMB", bytes(16), bytes(16), 200, 0, 1, 9) + b"NTLMSSP\0\1" * 20
    packed = struct.pack("<4sIHHI", b"\xfcSMB", 500, 1, 0, 0) + bytes(90)
    yield case("encrypted", turns + [("I", framed(sealed)), ("A", framed(sealed)), ("A", framed(packed))] + [
        ("I", framed(smb2(1, INIT, 5, 0))), ("A", framed(smb2(1, NO, 5, 10, True)))],
        found + ["smb2 I 2 INIT", "smb2 A 2 NO"])
    again = [("I", framed(smb2(1, INIT, 7, 9))), ("A", framed(smb2(1, DONE, 7, 9, True)))]
    yield case("session-again", turns + again, found + ["smb2 I 2 INIT", "smb2 A 2 DONE"])
    # SMB1's negotiation, answered in SMB2 with hints (MS-SMB2 3.3.5.3).
    smb1 = b"\xffSMB\x72" + bytes(27) + b"\0\x0c\0\2NT LM 0.12\0"
    hints = struct.pack("<HHHH16sIIIIQQHHI", 65, 0, 0x2ff, 0, bytes(16), 0, 0, 0, 0, 0, 0, 128, len(INIT), 0) + INIT
    yield case("from-smb1", [("I", framed(smb1)), ("A", framed(smb2(0, hints, 0, 0, True)))] + turns,
               ["smb2 A 1 INIT"] + found)
    netbios = [("I", b"\x81\0\0\x44" + b"\x20CKFDENECFDEFFCFGEFFCCACACACACACA\0" * 2), ("A", b"\x82\0\0\0"),
               ("I", b"\x85\0\0\0")]
    yield case("netbios", netbios + turns, found, port=139)


def ldap():
    def case(name, wire, found, *said):
        return f"ldap-{name}", pcap(frames_of(Talk(server=(SERVER[0], 389)).say(wire))), found, *said

    search = ("I", ber(0x30, ber(2, b"\1") + ber(0x63, ber(4, b"") + ber(10, b"\0") * 2 + ber(2, b"\0") * 2 +
                                                ber(1, b"\0") + ber(0x87, b"objectClass") + ber(0x30, b""))))
    first = [bind_request(2, INIT), bind_response(2, MORE), bind_request(3, MORE), bind_response(3, DONE, 0)]
    found = ["ldap I %d INIT", "ldap A %d MORE", "ldap I %d MORE", "ldap A %d DONE"]
    yield case("several-binds", [search] + first + [search] + first,
               [line % n for n in (1, 2) for line in found])
    wrapped = b"\5\4\6\xff" + bytes(12) + INIT + bytes(900)
    yield case("wrapped", first + [("I", struct.pack(">I", len(wrapped)) + wrapped),
                                   ("A", struct.pack(">I", len(wrapped)) + wrapped)] * 3,
               [line % 1 for line in found])
    yield case("unbind-first", [bind_request(2, b"", b"EXTERNAL"), bind_response(2, b"", 7)] + first,
               [line % 1 for line in found])


def dcerpc():
    def case(name, wire, found, *said):
        return f"dcerpc-{name}", pcap(frames_of(Talk(server=(SERVER[0], 135)).say(wire))), found, *said

    ntlm = [("I", pdu(11, TYPE1, auth_type=10)), ("A", pdu(12, TYPE2, auth_type=10)), ("I", pdu(16, TYPE3, auth_type=10))]
    legs = ["dcerpc I 1 TYPE1", "dcerpc A 1 TYPE2", "dcerpc I 1 TYPE3"]
    sealed = [("I", pdu(0, b"\1\0\0\0" + bytes(12), flags=flags, body=INIT * 4)) for flags in (1, 0, 2)]
    yield case("auth3", ntlm + sealed, legs)
    yield case("alter-context", [("I", pdu(11, INIT)), ("A", pdu(12, MORE)), ("I", pdu(14, MORE)), ("A", pdu(15, DONE))],
               ["dcerpc I 1 INIT", "dcerpc A 1 MORE", "dcerpc I 1 MORE", "dcerpc A 1 DONE"])
    yield case("alter-context-other", [("I", pdu(11, INIT)), ("A", pdu(12, DONE)), ("I", pdu(14, None)),
                                       ("A", pdu(15, None)), ("I", pdu(14, INIT, 78)), ("A", pdu(15, DONE, 78))],
               ["dcerpc I 1 INIT", "dcerpc A 1 DONE", "dcerpc I 2 INIT", "dcerpc A 2 DONE"])
    yield case("contexts-interleaved", [("I", pdu(11, INIT)), ("A", pdu(12, MORE)), ("I", pdu(14, INIT, 78)),
                                        ("I", pdu(14, MORE)), ("A", pdu(15, MORE, 78)), ("A", pdu(15, DONE))],
               ["dcerpc I 1 INIT", "dcerpc A 1 MORE", "dcerpc I 2 INIT", "dcerpc I 1 MORE", "dcerpc A 2 MORE",
                "dcerpc A 1 DONE"])
    yield case("big-endian", [("I", pdu(11, INIT, order=">")), ("A", pdu(12, DONE, order=">"))],
               ["dcerpc I 1 INIT", "dcerpc A 1 DONE"])
    yield case("schannel", [("I", pdu(11, INIT, auth_type=68))], [])


def dns():
    ends = CLIENT, (SERVER[0], 53)
    other = (b"\x0a\0\0\3", 40000), ends[1]

    def ask(pair, number, token, **more):
        return udp(*pair, tkey(number, token, **more))

    def answer(pair, number, token, **more):
        return udp(pair[1], pair[0], tkey(number, token, True, **more))

    found = ["dns-tkey I 1 INIT", "dns-tkey A 1 DONE"]
    yield "dns-udp", pcap([ethernet(p) for p in (ask(ends, 1, INIT), answer(ends, 1, DONE))]), found
    ports = (CLIENT[0], 40001), ends[1]
    yield "dns-udp-other-port", pcap([ethernet(p) for p in (
        ask(ends, 1, INIT), answer(ends, 1, MORE), ask(ports, 2, MORE), answer(ports, 2, DONE))]), \
        ["dns-tkey I 1 INIT", "dns-tkey A 1 MORE", "dns-tkey I 1 MORE", "dns-tkey A 1 DONE"]
    yield "dns-udp-two-clients", pcap([ethernet(p) for p in (
        ask(ends, 1, INIT), ask(other, 1, INIT), answer(other, 1, NO), answer(ends, 1, DONE))]), \
        ["dns-tkey I 1 INIT", "dns-tkey I 2 INIT", "dns-tkey A 2 NO", "dns-tkey A 1 DONE"]
    yield "dns-udp-two-keys", pcap([ethernet(p) for p in (
        ask(ends, 1, INIT), ask(ends, 2, INIT, name=b"\4zwei\3srv\0"), answer(ends, 1, DONE),
        answer(ends, 2, NO, name=b"\4zwei\3srv\0"))]), \
        ["dns-tkey I 1 INIT", "dns-tkey I 2 INIT", "dns-tkey A 1 DONE", "dns-tkey A 2 NO"]
    yield "dns-udp-not-53", pcap([ethernet(udp(CLIENT, (SERVER[0], 5353), tkey(1, INIT)))]), []
    wire = [(who, struct.pack(">H", len(m)) + m) for who, m in (("I", tkey(1, INIT)), ("A", tkey(1, DONE, True)))]
    yield "dns-tcp", pcap(frames_of(Talk(*ends).say(wire, 20))), found


def cases():
    for group in (files, links, streams, fragmented, http, smb, ldap, dcerpc, dns):
        yield from group()


# ---- What is found --------------------------------------------------------------------------------

def found_in(spnego, path):
    decoded = subprocess.run([spnego, "decode", "--format", "json", path], capture_output=True, check=False, text=True)
    tokens = subprocess.run([spnego, "extract", path], capture_output=True, check=False, text=True).stdout.split()
    found, wrong = [], ""
    lines = [json.loads(line)["input"] for line in decoded.stdout.splitlines()]
    lines = [source for source in lines if "carrier" in source]
    if len(lines) != len(tokens):
        wrong = f"decode found {len(lines)}, extract {len(tokens)}"
    for source, token in zip(lines, tokens):
        who = "I" if source["flow"]["src"].rsplit(":", 1)[0] not in ("10.0.0.2", "[fd00::2]") else "A"
        found.append(f"{source['carrier']} {who} {source['exchange']} {NAMES.get(bytes.fromhex(token), token)}")
        # The frames are a thousandth of a second apart in every kind of file.
        if source["time"] != "2023-11-14T22:13:20.%03d000Z" % source["frame"]:
            wrong = f"frame {source['frame']} at {source['time']}"
    return found, decoded.stderr, wrong


def seed(octets):
    """The number of the link there, and the frames behind their lengths in two octets."""
    links_there = [1, 0, 101, 113, 108, 276, 228]
    magic, link = struct.unpack("<I16xI", octets[:24])
    if magic != 0xa1b2c3d4 or link not in links_there:
        return b"\0"
    out, at = bytes([links_there.index(link)]), 24
    while at < len(octets):
        length = struct.unpack("<I", octets[at + 8:at + 12])[0]
        out += struct.pack("<H", length) + octets[at + 16:at + 16 + length]
        at += 16 + length
    return out[:4096]


def main():
    spnego, *names = sys.argv[1:]
    if spnego in ("--write", "--seeds"):
        for name, octets, *_ in cases():
            octets = octets if spnego == "--write" else seed(octets)
            with open(os.path.join(names[0], name + ".pcap"), "wb") as out:
                out.write(octets)
        return 0
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, octets, wanted, *said in cases():
            if names and name not in names:
                continue
            path = os.path.join(folder, name + ".pcap")
            with open(path, "wb") as out:
                out.write(octets)
            found, errors, wrong = found_in(spnego, path)
            silent = errors.count("\n") <= len(said) + (not wanted)
            if found == wanted and not wrong and all(text in errors for text in said) and silent:
                passed += 1
                continue
            failed += 1
            print(f"{name}: wanted {wanted} {said}\n  found {found} {wrong}\n  said {errors}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
