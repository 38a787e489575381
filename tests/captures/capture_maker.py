#!/usr/bin/env python3
"""Writes a capture of exchanges that another program recorded, over every carrier.

    capture_maker.py OUT.pcap EXCHANGES [--copies N] [--noise OCTETS] [--shuffle SEED]
    capture_maker.py FOLDER EXCHANGES --seeds capture|flow      seeds of those fuzz targets

EXCHANGES is vectors/exchanges.  Beside OUT.pcap, OUT.pcap.tokens lists what is in it, one a line:
number of the exchange, carrier, who sent it (I or A), the token in hexadecimal.  Only the standard
library.
"""
import argparse
import base64
import glob
import random
import re
import struct


def exchanges(folder):
    """(sender, octets) lists, as the octets were on their way."""
    for path in sorted(glob.glob(folder + "/*.txt")):
        turns = []
        inside = False
        for line in open(path, encoding="ascii"):
            if not line.startswith(" ") and line.strip():
                inside = line.strip() == "tokens"
            elif inside and re.match(r" {5}", line):
                turns[-1][1].extend(bytes.fromhex(line.strip()))
            elif inside and (m := re.match(r"  +\d+ ([IA])([>*])", line)):
                if m[2] == "*":
                    turns.pop()
                turns.append((m[1], bytearray()))
        turns = [(who, bytes(octets)) for who, octets in turns if octets]
        if turns:
            yield turns


# ---- Carriers: a list of (who, octets) becomes a list of (who, stream octets) -------------------

def http(turns, _):
    wire = []
    for who, token in turns:
        text = base64.b64encode(token).decode()
        if who == "I":
            wire.append((who, f"GET /x HTTP/1.1\r\nHost: srv\r\nauthorization: Negotiate {text}\r\n\r\n"))
        else:
            body = "<html>WWW-Authenticate: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==\r\n</html>"
            wire.append((who, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\", "
                         f"Negotiate {text}\r\nContent-Length: {len(body)}\r\n\r\n{body}"))
    return [(who, text.encode()) for who, text in wire]


def smb2(turns, number):
    wire = []
    message, session = 1, 0
    for who, token in turns:
        if who == "I":
            body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 64 + 24, len(token), 0) + token
            message += 1
        else:
            session = 0x10000 + number
            body = struct.pack("<HHHH", 9, 0, 64 + 8, len(token)) + token
        header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1,
                             0xc0000016 if who == "A" else 0, 1, 1, 1 if who == "A" else 0, 0,
                             message, 0xfeff, 0, session, bytes(16))
        wire.append((who, struct.pack(">I", len(header + body)) + header + body))
    return wire


def ber(tag, contents):
    n = len(contents)
    head = bytes([n]) if n < 128 else bytes([0x82]) + struct.pack(">H", n)
    return bytes([tag]) + head + contents


def ldap(turns, _):
    wire = []
    for number, (who, token) in enumerate(turns):
        if who == "I":
            sasl = ber(0xa3, ber(4, b"GSS-SPNEGO") + ber(4, token))
            op = ber(0x60, ber(2, b"\3") + ber(4, b"") + sasl)
        else:
            op = ber(0x61, ber(10, b"\x0e") + ber(4, b"") + ber(4, b"") + ber(0x87, token))
        wire.append((who, ber(0x30, ber(2, bytes([number // 2 + 1])) + op)))
    return wire


def dcerpc(turns, _):
    wire = []
    asked = answered = False
    for who, token in turns:
        if who == "I":
            kind, asked = (14 if asked else 11), True
        else:
            kind, answered = (15 if answered else 12), True
        length = 16 + 8 + 8 + len(token)
        wire.append((who, struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", length, len(token), 1) +
                     bytes(8) + struct.pack("<BBBBI", 9, 6, 0, 0, 77) + token))
    return wire


def nns(turns, _):
    last = {who: i for i, (who, _) in enumerate(turns)}
    return [(who, struct.pack(">BBBH", 0x14 if last[who] == i else 0x16, 1, 0, len(token)) + token)
            for i, (who, token) in enumerate(turns)]


def socks5(turns, _):
    if turns[0][0] != "I":
        return None
    wire = [("I", b"\5\2\0\1"), ("A", b"\5\1")]
    wire += [(who, struct.pack(">BBH", 1, 1, len(token)) + token) for who, token in turns]
    return wire + [("I", b"\1\2\0\1\2"), ("A", b"\1\2\0\1\2")]


def xmpp(turns, _):
    wire = [("I", b"<?xml version='1.0'?><stream:stream to='srv'>"),
            ("A", b"<?xml version='1.0'?><stream:stream from='srv'><stream:features/>")]
    for i, (who, token) in enumerate(turns):
        name = ("auth" if i == 0 else "response") if who == "I" else "challenge"
        attributes = " mechanism='GSS-SPNEGO'" if name == "auth" else ""
        wire.append((who, b"<%s xmlns='urn:ietf:params:xml:ns:xmpp-sasl'%s>%s</%s>" % (
            name.encode(), attributes.encode(), base64.b64encode(token), name.encode())))
    return wire


def tcp(turns, _):
    """Nothing that is known: tokens among other octets."""
    return [(who, b"\xee\xee\xee%d" % i + token + b"\xee\xee") for i, (who, token) in enumerate(turns)]


CARRIERS = [("http", http, 8080), ("smb2", smb2, 445), ("ldap", ldap, 1389), ("dcerpc", dcerpc, 135),
            ("nns", nns, 9000), ("socks5", socks5, 1080), ("xmpp", xmpp, 5222), ("tcp", tcp, 7000)]


# ---- Packets ------------------------------------------------------------------------------------

class Capture:
    def __init__(self):
        self.frames = []

    def segment(self, src, dst, seq, ack, flags, payload):
        """Ethernet, IPv4 or IPv6 as the addresses are, TCP."""
        tcp_header = struct.pack(">HHIIBBHHH", src[1], dst[1], seq & 0xffffffff, ack & 0xffffffff,
                                 0x50, flags, 8192, 0, 0)
        if len(src[0]) == 4:
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0) + src[0] + dst[0]
            kind = b"\x08\0"
        else:
            ip = struct.pack(">IHBB", 0x60000000, 20 + len(payload), 6, 64) + src[0] + dst[0]
            kind = b"\x86\xdd"
        self.frames.append(b"\2\0\0\0\0\1\2\0\0\0\0\2" + kind + ip + tcp_header + payload)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for i, frame in enumerate(self.frames):
                out.write(struct.pack("<IIII", 1700000000 + i // 1000, i % 1000 * 1000, len(frame), len(frame)))
                out.write(frame)


def pieces_of(octets, segment, chance):
    """(offset, octets) as they pass by: in order, or as networks do it: later ones first, some twice,
    some cut in another way the second time."""
    pieces = [(at, octets[at:at + segment]) for at in range(0, len(octets), segment)]
    if chance is None:
        return pieces
    pieces += [p for p in pieces if chance.random() < .2]
    for at, piece in list(pieces):
        if chance.random() < .2:
            begin = max(0, at - chance.randrange(1, 40))
            pieces.append((begin, octets[begin:at + len(piece) // 2 + 1]))
    chance.shuffle(pieces)
    return pieces


def conversation(capture, number, wire, port, segment, isn, chance=None):
    """One connection: the three-way handshake, what both say, and the end."""
    address = [struct.pack(">I", 0x0a000000 + number), struct.pack(">I", 0x0a800001)]
    if number % 5 == 4:
        address = [b"\xfd" + bytes(11) + a for a in address]
    client, server = (address[0], 1024 + number % 60000), (address[1], port)
    ends = {"I": (client, server), "A": (server, client)}
    seq = {"I": isn, "A": isn ^ 0x5555}
    capture.segment(client, server, seq["I"], 0, 2, b"")
    capture.segment(server, client, seq["A"], seq["I"] + 1, 18, b"")
    seq = {who: n + 1 for who, n in seq.items()}
    for who, octets in wire:
        other = "A" if who == "I" else "I"
        for at, piece in pieces_of(octets, segment, chance):
            capture.segment(*ends[who], seq[who] + at, seq[other], 24, piece)
        seq[who] += len(octets)
    capture.segment(client, server, seq["I"], seq["A"], 17, b"")
    capture.segment(server, client, seq["A"], seq["I"] + 1, 17, b"")


def seeds(folder, target, recorded):
    """The forms are those of fuzz/fuzz_capture.c and fuzz/fuzz_flow.c."""
    for name, carrier, port in CARRIERS:
        for n, turns in enumerate(recorded[::20]):
            wire = carrier(turns, 1)
            if wire is None:
                continue
            out = b"\0" if target == "capture" else struct.pack("<I", n * 7919)
            if target == "capture":
                capture = Capture()
                conversation(capture, n, wire, port, 1448, 1)
                out += b"".join(struct.pack("<H", len(f)) + f for f in capture.frames)
            else:
                out += b"".join(struct.pack("<BH", who == "A", len(o)) + o for who, o in wire)
            with open(f"{folder}/{name}-{n}", "wb") as file:
                file.write(out[:4096])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("out")
    options.add_argument("exchanges")
    options.add_argument("--copies", type=int, default=1)
    options.add_argument("--noise", type=int, default=0, help="octets of a download beside each exchange")
    options.add_argument("--shuffle", type=int, default=None, help="segments out of order, by this seed")
    options.add_argument("--seeds", choices=["capture", "flow"])
    options = options.parse_args()
    capture, tokens, number = Capture(), [], 0
    recorded = list(exchanges(options.exchanges))
    if options.seeds:
        seeds(options.out, options.seeds, recorded)
        return
    chance = random.Random(options.shuffle)
    for _ in range(options.copies):
        for turns in recorded:
            for name, carrier, port in CARRIERS:
                wire = carrier(turns, number + 1)
                if wire is None:
                    continue
                number += 1
                # Sequence numbers wrap around within some of the connections.
                isn = 0xffffff00 if number % 3 == 0 else number * 7919
                conversation(capture, number, wire, port, [1448, 536, 97][number % 3], isn,
                             chance if options.shuffle is not None else None)
                tokens += [f"{number} {name} {who} {token.hex()}" for who, token in turns]
        if options.noise:
            number += 1
            conversation(capture, number, [("I", b"GET /big HTTP/1.1\r\n\r\n"), (
                "A", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % options.noise +
                chance.randbytes(options.noise))], 80, 1448, 1)
    capture.write(options.out)
    with open(options.out + ".tokens", "w", encoding="ascii") as out:
        out.write("".join(line + "\n" for line in tokens))


if __name__ == "__main__":
    main()
