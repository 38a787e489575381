#!/usr/bin/python3
"""Verify the mechListMICs of recorded exchanges from the passwords of the test realm, without a GSS library.

    mics_offline.py FOLDER [-v]

NTLM's keys come from the user's password (MS-NLMP 3.3.2, 3.4), those of Kerberos from the service's, by way of its
ticket and the subkeys (RFC 3961, RFC 3962, RFC 4120, RFC 4121).  Each MIC must be good over the list of mechanisms
as its sender knew it; one that was changed on its way must not be, nor may any with one octet of it or of the list
changed here.  Where a key was random when the exchange was recorded, that is said.
"""
import collections
import hashlib
import hmac
import pathlib
import re
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "capture"))
sys.dont_write_bytecode = True
from spnego_shape import element, elements, only  # noqa: E402

# As realm.sh and peers.sh of the rig have them; what holds "not" is wrong on purpose.
USER_PASSWORDS = ["ntpw", "userpw", "nobodypw", "not-ntpw", "ntpw-not", "not-userpw"]
SERVICE_PASSWORD = "svcpw"


class NotDerivable(Exception):
    """Why there is no key."""


# ---- Kerberos: RFC 3961 and 3962 ------------------------------------------------------------------

AES256, AES128 = 18, 17
KEY_SIZE = {AES256: 32, AES128: 16}
BLOCK, MAC = 16, 12
TICKET, AP_REQ_AUTHENTICATOR, AP_REP_PART = 2, 11, 12  # key usages of RFC 4120 7.5.1
SIGN = {"A": 23, "I": 25}                              # and of RFC 4121 2


def aes(key, mode, data, decrypt=False):
    cipher = Cipher(algorithms.AES(key), mode)
    run = cipher.decryptor() if decrypt else cipher.encryptor()
    return run.update(data) + run.finalize()


def n_fold(text, size):
    """RFC 3961 5.1: copies, each turned right by 13 bits, added with end-around carry."""
    bits = 8 * len(text)
    value, copies, total = int.from_bytes(text, "big"), b"", 0
    while not copies or len(copies) % size:
        turn = 13 * (len(copies) // len(text)) % bits
        copies += ((value >> turn | value << bits - turn) & ((1 << bits) - 1)).to_bytes(len(text), "big")
    for at in range(0, len(copies), size):
        total += int.from_bytes(copies[at:at + size], "big")
    while total >> 8 * size:
        total = (total & ((1 << 8 * size) - 1)) + (total >> 8 * size)
    return total.to_bytes(size, "big")


def derive(key, constant):
    """DK of RFC 3961 5.1, with AES as its cipher."""
    block, out = n_fold(constant, BLOCK), b""
    while len(out) < len(key):
        block = aes(key, modes.ECB(), block)
        out += block
    return out[:len(key)]


def usage_key(key, usage, kind):
    return derive(key, struct.pack(">IB", usage, kind))


def string_to_key(password, salt, etype):
    start = hashlib.pbkdf2_hmac("sha1", password.encode(), salt.encode(), 4096, KEY_SIZE[etype])
    return derive(start, b"kerberos")


def decrypt(key, usage, data):
    """What an EncryptedData holds, or None: CBC with the last two blocks in the order of ciphertext stealing."""
    sealed, mac = data[:-MAC], data[-MAC:]
    encryption = usage_key(key, usage, 0xAA)
    tail = len(sealed) % BLOCK or BLOCK
    head, last, short = sealed[:-BLOCK - tail], sealed[-BLOCK - tail:-tail], sealed[-tail:]
    opened = aes(encryption, modes.ECB(), last, True)
    whole = short + opened[tail:]
    plain = aes(encryption, modes.CBC(bytes(BLOCK)), head + whole, True)
    plain += bytes(a ^ b for a, b in zip(opened, short))
    good = hmac.new(usage_key(key, usage, 0x55), plain, "sha1").digest()[:MAC]
    return plain[BLOCK:] if good == mac else None


# ---- Kerberos: RFC 4120 -----------------------------------------------------------------------------

def fields_of(data, application):
    return dict(elements(only(only(data, 0x60 | application), 0x30)))


def integer(data):
    return int.from_bytes(only(data, 0x02), "big")


def encryption_key(data):
    parts = dict(elements(only(data, 0x30)))
    return integer(parts[0xA0]), only(parts[0xA1], 0x04)


def encrypted(data):
    parts = dict(elements(only(data, 0x30)))
    return integer(parts[0xA0]), only(parts[0xA2], 0x04)


def bare(token, application):
    """The message in a mechanism token, with the framing of RFC 4121 4.1 or, in DCE style, without; or None."""
    if token[:1] == b"\x60":
        _, _, rest = element(only(token, 0x60))
        token = rest[2:]
    return token if token[:1] == bytes([0x60 | application]) else None


class Kerberos:
    """The keys of a context, from the AP-REQ on."""

    def __init__(self, request):
        parts = fields_of(request, 14)
        ticket = fields_of(parts[0xA3], 1)
        realm = only(ticket[0xA1], 0x1B).decode()
        names = dict(elements(only(ticket[0xA2], 0x30)))
        names = [name.decode() for _, name in elements(only(names[0xA1], 0x30))]
        etype, sealed = encrypted(ticket[0xA3])
        if etype not in KEY_SIZE:
            raise NotDerivable(f"tickets of encryption type {etype}")
        opened = decrypt(string_to_key(SERVICE_PASSWORD, realm + "".join(names), etype), TICKET, sealed)
        if opened is None:
            raise NotDerivable(f"the key of {'/'.join(names)} was random when it was recorded")
        self.etype, self.session = encryption_key(dict(elements(only(only(opened, 0x63), 0x30)))[0xA1])
        opened = decrypt(self.session, AP_REQ_AUTHENTICATOR, encrypted(parts[0xA4])[1])
        authenticator = fields_of(opened, 2)
        self.key, self.acceptor_subkey = self.session, False
        if 0xA6 in authenticator:
            self.etype, self.key = encryption_key(authenticator[0xA6])
        # Where SND_SEQ begins.  An acceptor that sends no AP-REP has nowhere to say it.
        self.number = {"I": integer(authenticator[0xA7]) if 0xA7 in authenticator else 0, "A": None}

    def reply(self, message):
        part = fields_of(decrypt(self.session, AP_REP_PART, encrypted(fields_of(message, 15)[0xA2])[1]), 27)
        if 0xA2 in part:
            (self.etype, self.key), self.acceptor_subkey = encryption_key(part[0xA2]), True
        if 0xA3 in part:
            self.number["A"] = integer(part[0xA3])

    def good(self, who, mic, text):
        """RFC 4121 4.2.6.1: checksum over the text, then the header."""
        flags = (who == "A") | self.acceptor_subkey << 2
        number = mic[8:16] if self.number[who] is None else struct.pack(">Q", self.number[who] & 0xFFFFFFFF)
        header = b"\x04\x04" + bytes([flags]) + b"\xff" * 5 + number
        checksum = hmac.new(usage_key(self.key, SIGN[who], 0x99), text + header, "sha1").digest()[:MAC]
        return mic == header + checksum


# ---- NTLM: MS-NLMP ----------------------------------------------------------------------------------

MAGIC = {"I": b"session key to client-to-server %s key magic constant\0",
         "A": b"session key to server-to-client %s key magic constant\0"}
KEY_EXCHANGE, STRONG, EXTENDED, UNICODE, KEY_56 = 0x40000000, 0x20000000, 0x00080000, 1, 0x80000000


def md4(data):
    """RFC 1320; OpenSSL keeps it out of hashlib."""
    def turn(value, by):
        value &= 0xFFFFFFFF
        return (value << by | value >> 32 - by) & 0xFFFFFFFF

    rounds = [
        (0, lambda x, y, z: x & y | ~x & z, range(16), (3, 7, 11, 19)),
        (0x5A827999, lambda x, y, z: x & y | x & z | y & z, [i // 4 + 4 * (i % 4) for i in range(16)], (3, 5, 9, 13)),
        (0x6ED9EBA1, lambda x, y, z: x ^ y ^ z, [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], (3, 9, 11, 15)),
    ]
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    data += b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(data), 64):
        words, (a, b, c, d) = struct.unpack("<16I", data[at:at + 64]), state
        for constant, mix, order, shifts in rounds:
            for step, index in enumerate(order):
                a, b, c, d = d, turn(a + mix(b, c, d) + words[index] + constant, shifts[step % 4]), b, c
        state = [(old + new) & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def rc4(key, data):
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for octet in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(octet ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def hmac_md5(key, data):
    return hmac.new(key, data, "md5").digest()


def payload(message, at):
    length, _, offset = struct.unpack_from("<HHI", message, at)
    return message[offset:offset + length]


class Ntlm:
    def __init__(self, challenge, authenticate):
        response, domain, user = (payload(authenticate, at) for at in (20, 28, 36))
        self.flags, = struct.unpack_from("<I", authenticate, 60)
        if len(response) <= 24 or not self.flags & EXTENDED or not self.flags & UNICODE:
            raise NotDerivable("not NTLMv2 with extended session security")
        name = (user.decode("utf-16-le").upper() + domain.decode("utf-16-le")).encode("utf-16-le")
        for password in USER_PASSWORDS:
            key = hmac_md5(md4(password.encode("utf-16-le")), name)
            if hmac_md5(key, challenge[24:32] + response[16:]) == response[:16]:
                break
        else:
            raise NotDerivable("an NTLM password that is unknown")
        session = hmac_md5(key, response[:16])
        if self.flags & KEY_EXCHANGE:
            session = rc4(session, payload(authenticate, 52))
        sealing = session if self.flags & STRONG else session[:7] if self.flags & KEY_56 else session[:5]
        self.keys = {who: (hashlib.md5(session + magic % b"signing").digest(),
                           hashlib.md5(sealing + magic % b"sealing").digest()) for who, magic in MAGIC.items()}

    def good(self, who, mic, text):
        """3.4.4.2, with the first number and the first octets of the stream (MS-SPNG 3.3.5.1 puts both back)."""
        signing, sealing = self.keys[who]
        checksum = hmac_md5(signing, bytes(4) + text)[:8]
        if self.flags & KEY_EXCHANGE:
            checksum = rc4(sealing, checksum)
        return mic == b"\1\0\0\0" + checksum + bytes(4)


# ---- Exchanges ----------------------------------------------------------------------------------------

def read_tokens(path):
    """(who, whether it is what came of the one before it, octets) of each token."""
    tokens = []
    block = path.read_text(encoding="ascii").partition("\ntokens\n")[2]
    for line in block.splitlines():
        head = re.match(r"  \d+ ([IA])([>*]) ", line)
        if head:
            tokens.append((head[1], head[2] == "*", bytearray()))
        else:
            tokens[-1][2].extend(bytes.fromhex(line))
    return tokens


def parts_of(token):
    """(list of mechanisms or None, mechanism's token or None, mechListMIC or None)"""
    token = bytes(token)
    first = token[0] != 0xA1
    if first:
        _, _, token = element(only(token, 0x60))
        token = only(token, 0xA0)
    else:
        token = only(token, 0xA1)
    fields = dict(elements(only(token, 0x30)))
    mech_token, mic = (only(fields[tag], 0x04) if tag in fields and fields[tag][0] == 0x04 else None
                       for tag in (0xA2, 0xA3))
    return (fields.get(0xA0) if first else None), mech_token, mic


class Contexts:
    """What is known of the mechanisms' contexts after each of their tokens."""

    def __init__(self):
        self.kerberos = self.ntlm = NotDerivable("no context to take keys from")
        self.challenge = b""

    def take(self, token):
        try:
            if bare(token, 14):
                self.kerberos = Kerberos(bare(token, 14))
            elif bare(token, 15) and isinstance(self.kerberos, Kerberos):
                self.kerberos.reply(bare(token, 15))
            elif token.startswith(b"NTLMSSP\0\2"):
                self.challenge = token
            elif token.startswith(b"NTLMSSP\0\3"):
                self.ntlm = Ntlm(self.challenge, token)
        except NotDerivable as why:
            if bare(token, 14):
                self.kerberos = why
            else:
                self.ntlm = why

    def of(self, mic):
        found = self.kerberos if mic.startswith(b"\x04\x04") else self.ntlm
        if isinstance(found, NotDerivable):
            raise found
        return found


def changed(octets):
    for at in range(len(octets)):
        yield octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1:]


class Tally:
    def __init__(self, verbose):
        self.verbose = verbose
        self.count = collections.Counter()
        self.reasons = collections.Counter()

    def say(self, path, who, what):
        if self.verbose or what.startswith("WRONG"):
            print(f"{path.name}: MIC of {who}: {what}")

    def judge(self, path, who, context, mic, text, spoiled):
        """`spoiled`: someone changed this MIC."""
        if spoiled:
            refused = not context.good(who, mic, text)
            self.count["spoiled" if refused else "wrong"] += 1
            self.say(path, who, "changed on its way, not good" if refused else "WRONG: changed, and good all the same")
        elif not context.good(who, mic, text):
            self.count["wrong"] += 1
            self.say(path, who, f"WRONG: {mic.hex()} is not good over {text.hex()}")
        else:
            self.count["good"] += 1
            self.say(path, who, "verified")
            others = [(other, text) for other in changed(mic)] + [(mic, other) for other in changed(text)]
            for other, other_text in others:
                if not context.good(who, other, other_text):
                    self.count["refused"] += 1
                else:
                    self.count["wrong"] += 1
                    self.say(path, who, f"WRONG: {other.hex()} is good over {other_text.hex()}")

    def exchange(self, path):
        contexts, lists, before = Contexts(), {"I": None, "A": None}, None
        for who, on_its_way, token in read_tokens(path):
            mechs, mech_token, mic = parts_of(token)
            if mechs is not None and who == "I":
                # The acceptor knows the list as it came.
                lists["A"] = mechs
                lists["I"] = lists["I"] if on_its_way else mechs
            if mech_token and not on_its_way:
                contexts.take(mech_token)
            if mic is not None and not (on_its_way and mic == before):
                try:
                    self.judge(path, who, contexts.of(mic), mic, lists[who], on_its_way)
                except NotDerivable as why:
                    self.count["not derivable"] += 1
                    self.reasons[str(why)] += 1
                    self.say(path, who, f"not derivable: {why}")
            before = mic


def main():
    tally = Tally("-v" in sys.argv)
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
        tally.exchange(path)
    count = tally.count
    total = sum(count[what] for what in ("good", "spoiled", "wrong", "not derivable"))
    print(f"{count['refused']} times one octet of MIC or list was changed here, and the MIC was not good")
    reasons = "; ".join(f"{why} ({number})" for why, number in tally.reasons.most_common())
    print(f"{count['good'] + count['spoiled']} of {total} MICs verified offline ({count['spoiled']} of these spoiled on"
          f" their way and not good), {count['not derivable']} not derivable{': ' * bool(reasons)}{reasons};"
          f" {count['wrong']} wrong")
    sys.exit(count["wrong"] != 0 or count["good"] == 0)


main()
