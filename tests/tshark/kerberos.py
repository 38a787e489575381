#!/usr/bin/env python3
"""Compares the inspector's trees of Kerberos tokens with tshark's, leaf for leaf.

    kerberos.py KRB5_FIELDS VECTOR.txt|TOKEN.bin...

A leaf is a field's name, the place of its last octet, and its value; names of numbers are compared
where both have one.  Prints the leaves that differ and one line at the end.
"""
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

# ---- Tokens -------------------------------------------------------------------------------------


def element_at(octets, at):
    """Tag, start and end of the contents of the element there; None if there is none."""
    if at + 2 > len(octets):
        return None
    length, start = octets[at + 1], at + 2
    if length >= 0x80:
        start += length - 0x80
        length = int.from_bytes(octets[at + 2:start], "big")
    if length > len(octets) - start or octets[at] & 0x1F == 0x1F:
        return None
    return octets[at], start, start + length


KRB5_OIDS = [bytes.fromhex(x) for x in (
    "06092a864886f712010202", "06092a864882f712010202", "060a2a864886f71201020203",
    "06062b0601050205")]


def is_kerberos(octets):
    """A framed token, a bare message, or a MIC or Wrap token."""
    if octets[:2] in (b"\x04\x04", b"\x05\x04"):
        return len(octets) > 16
    whole = element_at(octets, 0)
    if whole is None or whole[2] != len(octets):
        return False
    if octets[0] == 0x60:
        return any(octets[whole[1]:].startswith(oid) for oid in KRB5_OIDS)
    return (is_of_kdc(octets) or octets[0] in (0x6E, 0x6F)) and octets[whole[1]] == 0x30


def is_of_kdc(octets):
    """AS-REQ, AS-REP, TGS-REQ, TGS-REP or an error: tshark looks for them at a KDC."""
    return 0x6A <= octets[0] <= 0x6D or octets[0] == 0x7E


def kerberos_inside(octets):
    """The Kerberos tokens in the OCTET STRINGs of a token, or the token itself."""
    if is_kerberos(octets):
        return [octets]
    found, at = [], 0
    while at < len(octets):
        element = element_at(octets, at)
        if element is None:
            break
        tag, start, end = element
        if tag & 0x20 or (tag == 0x04 and is_kerberos(octets[start:end])):
            found += kerberos_inside(octets[start:end])
        at = end
    return found


def tokens_of(path):
    if path.endswith(".bin"):
        with open(path, "rb") as file:
            return kerberos_inside(file.read())
    with open(path, encoding="ascii") as file:
        hexadecimal = re.search(r"^hex\n((?:  .*\n)+)", file.read(), re.M)
    return kerberos_inside(bytes.fromhex(hexadecimal.group(1).replace("\n", " ")))


# ---- Tokens of our own making -------------------------------------------------------------------


def der(tag, *parts):
    contents = b"".join(parts)
    n = len(contents)
    if n < 0x80:
        return bytes([tag, n]) + contents
    length = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + contents


def integer(n):
    return der(2, n.to_bytes((n if n >= 0 else ~n).bit_length() // 8 + 1, "big", signed=True))


def text(s):
    return der(0x1B, s.encode())


def sequence(*fields):
    """Each field a pair of its [n] and its value."""
    return der(0x30, *(der(0xA0 + n, value) for n, value in fields))


def name(kind, *parts):
    return sequence((0, integer(kind)), (1, der(0x30, *map(text, parts))))


def encrypted(etype, kvno=None):
    fields = [(0, integer(etype)), (2, der(4, bytes(range(60, 90))))]
    if kvno is not None:
        fields.insert(1, (1, integer(kvno)))
    return sequence(*fields)


def ticket(etype):
    return der(0x61, sequence((0, integer(5)), (1, text("RIG.TEST")),
                              (2, name(2, "krbtgt", "RIG.TEST")), (3, encrypted(etype, 3))))


def padata(kind, value):
    return sequence((1, integer(kind)), (2, der(4, value)))


def error(code, e_data, *more):
    fields = [(0, integer(5)), (1, integer(30)), (4, der(0x18, b"20261121131649Z")),
              (5, integer(734930)), (6, integer(code)), (9, text("RIG.TEST")),
              (10, name(2, "krbtgt", "RIG.TEST")), (12, der(4, e_data))] + list(more)
    return der(0x7E, sequence(*sorted(fields)))


def ap_req(etype):
    return der(0x6E, sequence((0, integer(5)), (1, integer(14)),
                              (2, der(3, bytes.fromhex("0060000000"))), (3, ticket(etype)),
                              (4, encrypted(etype))))


def kdc_req(number, *padatas):
    body = sequence((0, der(3, bytes.fromhex("0050810010"))), (1, name(1, "alice")),
                    (2, text("RIG.TEST")), (3, name(2, "krbtgt", "RIG.TEST")),
                    (5, der(0x18, b"20370913024805Z")), (7, integer(1804289383)),
                    (8, der(0x30, integer(18), integer(23), integer(3))),
                    (9, der(0x30, sequence((0, integer(20)), (1, der(4, b"WIN1            "))))))
    return der(0x60 + number, sequence((1, integer(5)), (2, integer(number)),
                                       (3, der(0x30, *padatas)), (4, body)))


def frame(oid, tok_id, *parts):
    return der(0x60, oid, bytes.fromhex(tok_id), *parts)


def made():
    krb5, u2u, iakerb = KRB5_OIDS[0], KRB5_OIDS[2], KRB5_OIDS[3]
    etype_info2 = der(0x30, sequence((0, integer(18)), (1, text("RIG.TESTalice"))),
                      sequence((0, integer(23))))
    etype_info = der(0x30, sequence((0, integer(3)), (1, der(4, b"RIG.TESTalice"))))
    methods = der(0x30, padata(2, b""), padata(19, etype_info2), padata(11, etype_info),
                  padata(133, b"MIT"))
    status = sequence((1, integer(3)),
                      (2, der(4, bytes.fromhex("340200c00000000001000000"))))
    tgt_rep = sequence((0, integer(5)), (1, integer(17)), (2, ticket(18)))
    tgt_req = sequence((0, integer(5)), (1, integer(16)), (2, name(-128, "srv")),
                       (3, text("RIG.TEST")))
    pac = sequence((0, der(1, b"\xff")))
    checksum = sequence((0, integer(16)), (1, der(4, bytes(range(12)))))
    fast_req = der(0xA0, sequence((0, sequence((0, integer(1)), (1, der(4, ap_req(18))))),
                                  (1, checksum), (2, encrypted(18))))
    fast_rep = der(0xA0, sequence((0, encrypted(18))))
    for_user = sequence((0, name(10, "bob@RIG.TEST")), (1, text("RIG.TEST")),
                        (2, sequence((0, integer(-138)), (1, der(4, bytes(range(16)))))),
                        (3, text("Kerberos")))
    for_x509 = sequence((0, sequence((0, integer(7)), (1, name(1, "bob")), (2, text("RIG.TEST")),
                                     (3, der(4, b"\x30\x00")),
                                     (4, der(3, bytes.fromhex("0020000000"))))), (1, checksum))
    options = sequence((0, der(3, bytes.fromhex("00b0000000"))))
    spake = [der(0xA0, sequence((0, der(0x30, integer(1), integer(2))))),
             der(0xA1, sequence((0, integer(2)), (1, der(4, bytes(range(33)))),
                                (2, der(0x30, sequence((0, integer(1))),
                                        sequence((0, integer(9)), (1, der(4, b"x"))))))),
             der(0xA2, sequence((0, der(4, bytes(range(33)))), (1, encrypted(18)))),
             der(0xA3, encrypted(18))]
    header = der(0x30, der(0xA1, der(0x0C, b"RIG.TEST")))
    rep = der(0x6B, sequence((0, integer(5)), (1, integer(11)), (3, text("RIG.TEST")),
                             (4, name(1, "alice")), (5, ticket(18)), (6, encrypted(17, 1))))
    # Each number that may have a name, but for what tshark alone has: 0, 8 and 48 are registered as
    # no encryption types, 0 and 166 as no padata, 43 as no error.
    kinds = der(0x30, *(padata(n, b"") for n in range(1, 256) if n != 166))
    each = [frame(krb5, "0300", error(code, b"\x01", (8, name(code, "x"))))
            for code in range(128) if code != 43]
    each += [frame(krb5, "0300", error(60, b"\x01", (8, name(n, "x")))) for n in (-128, -129, -130)]
    each += [frame(krb5, "0200", der(0x6F, sequence(
        (0, integer(5)), (1, integer(15)), (2, encrypted(etype)))))
             for etype in range(-140, 70) if etype not in (0, 8, 48)]
    return each + [
        frame(krb5, "0300", error(25, kinds)),
        frame(krb5, "0300", error(25, methods)),
        frame(krb5, "0300", error(18, status)),
        frame(krb5, "0300", error(41, b"\x01", (7, text("OTHER.TEST")), (8, name(1, "bob")),
                                  (2, der(0x18, b"20261121131600Z")), (3, integer(7)),
                                  (11, text("no")))),
        frame(krb5, "0100", ap_req(23)),
        ap_req(-133),
        frame(u2u, "0400", tgt_req),
        frame(u2u, "0401", tgt_rep),
        frame(iakerb, "0501", header, kdc_req(10, padata(2, encrypted(18)), padata(128, pac))),
        frame(iakerb, "0501", header, kdc_req(12, padata(1, ap_req(18)))),
        frame(iakerb, "0501", header, rep),
        kdc_req(10, padata(136, fast_req), padata(138, encrypted(18)), padata(149, b"")),
        kdc_req(12, padata(1, ap_req(18)), padata(129, for_user), padata(130, for_x509),
                padata(167, options)),
        kdc_req(12, padata(161, der(0x30, integer(18), integer(23)))),
        error(25, der(0x30, padata(136, fast_rep))),
        *(kdc_req(10, padata(151, choice)) for choice in spake),
        frame(krb5, "0101", bytes.fromhex("1100ffffffff"), bytes(range(16))),
        frame(krb5, "0201", bytes.fromhex("11001000ffff"), bytes(range(48))),
        frame(krb5, "0201", bytes.fromhex("0000ffffffff"), bytes(range(32))),
        bytes.fromhex("040405ffffffffff0000000012345678") + bytes(range(12)),
        bytes.fromhex("050406ff000c001c0000000000000003") + bytes(range(64)),
        bytes.fromhex("050400ff000c00000000000000000003") + bytes(range(40)),
    ]


# ---- Leaves -------------------------------------------------------------------------------------
#
# (name, place behind its last octet, value, name of the value); tshark's value is shown in three
# ways, of which one is ours.


def fold(label):
    return re.sub("[^a-z0-9]", "", label.lower())


def our_leaves(tree):
    leaves, path = [], []
    for line in tree.splitlines():
        match = re.match(r"(\.+) (\S+) @(\d+)\+(\d+) (.*)$", line)
        if not match:
            continue
        dots, key, offset, length, value = match.groups()
        path[len(dots) - 1:] = [key]
        end = int(offset) + int(length)
        value = re.sub(" (crackable|identity)$", "", value)
        label = ""
        if re.match("(OBJECT|ARRAY)( |$)", value):
            continue
        if key == "-" and path[-2] == "flags":
            leaves.append(("flag", None, fold(value), ""))
            continue
        if key in ("-", "bits"):
            key = path[-2]
        if re.match("'.*'$", value):
            value = value[1:-1].encode().hex()
        elif re.match(r"-?\d+ \D", value):
            value, label = value.split(" ", 1)
        value = {"TRUE": "1", "FALSE": "0"}.get(value, value)
        leaves.append((key, end, value, fold(label)))
    return leaves


# What tshark calls it, and what it is here, where that is not the same word.
NAMES = {
    "spnego.krb5_oid": "thisMech", "spnego.krb5.tok_id": "TOK_ID", "spnego.krb5.filler": "Filler",
    "spnego.krb5.sgn_alg": "SGN_ALG", "spnego.krb5.seal_alg": "SEAL_ALG",
    "spnego.krb5.snd_seq": "SND_SEQ", "spnego.krb5.sgn_cksum": "SGN_CKSUM",
    "spnego.krb5.cfx_ec": "EC", "spnego.krb5.cfx_rrc": "RRC", "spnego.krb5.cfx_seq": "SND_SEQ",
    "spnego.krb5.cfx_flags": "value", "kerberos.SNameString": "name-string",
    "kerberos.CNameString": "name-string", "kerberos.KerberosString": "name-string",
    "kerberos.ENCTYPE": "etype", "kerberos.info_salt": "salt", "kerberos.info2_salt": "salt",
    "kerberos.smb.nt_status": "status", "kerberos.smb.unknown1": "reserved",
    "kerberos.smb.unknown2": "flags", "kerberos.SPAKEGroup": "groups", "kerberos.auth": "auth-package",
    "kerberos.addr_nb": "address",
}

NAMED = {"etype", "error-code", "name-type", "padata-type", "msg-type", "addr-type", "status",
         "SGN_ALG", "SEAL_ALG"}

# Not fields: headers and padding, what tshark shows again in parts, and of a Wrap token the first
# octets of its data.
NO_LEAVES = re.compile(r"ber\.|spnego\.krb5\.(blob|confounder)$|kerberos\.\w*_element$|"
                       r"kerberos\.\w+_string$|kerberos\.(padata|addresses)$")

# Not shown by tshark: the data of a Wrap token, which it does not decrypt, RFC 1964's filler, the key
# derivation of RFC 8636; of RFC 4556 it knows a draft's certifiers.
OURS_ALONE = {"Confounder", "Data", "Plaintext", "Checksum", "Filler", "kdf-id", "subjectName",
              "issuerAndSerialNumber", "subjectKeyIdentifier", "kdcPkId", "dhSignedData"}

# Flags that it has no names for: MS-SFU 2.2.2.
OUR_FLAGS = {"checklogonhours", "keyusageofthereply"}

# Members of two types that share one name there; the last is a list of etypes in padata-value.
ALIKE = {("data-type", "padata-type"), ("padata-type", "data-type"), ("userRealm", "realm"),
         ("pa-type", "padata-type"), ("pa-value", "padata-value"), ("padata-value", "etype")}

# Names that IANA and the RFCs write in another way; 20 and 132 are used twice.
SPELLINGS = {
    "arcfourhmacmd5": "rc4hmac", "arcfourhmacmd556": "rc4hmacexp", "arcfourhmacold": "rc4hmacold",
    "arcfourhmacoldexp": "rc4hmacoldexp", "arcfourmd4": "rc4md4", "olddes3cbcsha1": "des3cbcsha1",
    "des3cbcsha1": "des3cbcsha1kd", "dsasha1": "dsawithsha1cmsoid",
    "rsamd5": "md5withrsaencryptioncmsoid", "rsasha1": "sha1withrsaencryptioncmsoid",
    "rc2cbc": "rc2cbcenvoid", "rsa": "rsaencryptionenvoid", "rsaesoaep": "rsaesoaepenvoid",
    "desede3cbc": "desede3cbcenvoid", "ntenterpriseprincipal": "ntenterprise",
    "keyexp": "kdcerrkeyexpired", "papkasreq19": "papkasreqold", "papkasrep19": "papkasrepold",
    "tdcertificateindex": "tdinvalidcertificates", "pakerbkeylistreq": "kerbkeylistreq",
    "pakerbkeylistrep": "kerbkeylistrep", "pausespecifiedkvno": "pasvrreferralinfo", "papkas09binding": "paaschecksum",
}


def fields_of(element):
    """All fields, but of PKINIT's only where they end: tshark reads the CMS too."""
    for field in element:
        if field.tag == "field":
            yield field
        if not field.get("name").startswith("pkinit."):
            yield from fields_of(field)


def their_leaves(packet):
    leaves = []
    for field in fields_of(packet):
        key = field.get("name")
        if re.match(r"pkinit\.(signedAuthPack|encKeyPack)_element", key):
            end = int(field.get("pos")) + int(field.get("size"))
            leaves.append((key[7:-8], end, None, ""))
            continue
        shown = field.get("show") or ""
        octets = field.get("value") or ""
        is_list = (field.get("showname") or "").endswith((" item", " items"))
        if not re.match(r"(kerberos|spnego\.krb5)", key) or NO_LEAVES.match(key) or is_list:
            continue
        end = int(field.get("pos")) + int(field.get("size", 0))
        flag = re.match(r"kerberos\.(?:\w+Options|PAC\.OPTIONS\.FLAGS)\.(.*)|"
                        r"spnego\.krb5\.(?:cfx_flags\.|)(acceptor_subkey|send_by_acceptor|sealed)$", key)
        if flag:
            if octets not in ("0", ""):
                label = fold(flag.group(1) or flag.group(2))
                leaves.append(("flag", None, label.replace("sendby", "sentby"), ""))
            continue
        if len(field) > 0 and re.match(r"kerberos\.(e_data|padata_value|armor_value)$", key):
            continue
        label = fold(re.sub(r"^[^:]*: *|\(-?\w+\) *$", "", field.get("showname") or ""))
        label = re.sub("^(krb5|etype|err|iptype|addrtype)", "", label)
        leaves.append((NAMES.get(key, key.split(".")[-1].replace("_", "-")), end,
                       (octets, shown, number(shown)), SPELLINGS.get(label, label)))
    return leaves


def number(shown):
    try:
        return str(int(shown, 0))
    except ValueError:
        return shown


def same(our, their):
    """One leaf and another's; a name's end is enough, since prefixes differ."""
    if our[0] != their[0] and (our[0], their[0]) not in ALIKE:
        return False
    if their[2] is None:
        return our[1] == their[1]
    if our[0] == "flag":
        return our[2] == their[2]
    labels = our[0] not in NAMED or their[3] in ("unknown", our[2]) or \
        our[3] != "" and our[3].endswith(their[3])
    return our[1] == their[1] and our[2] in their[2] and labels


def differences(ours, theirs):
    left = list(theirs)
    for our in ours:
        match = [their for their in left if same(our, their)]
        if match:
            left.remove(match[0])
        elif our[0] not in OURS_ALONE and our[2] not in OUR_FLAGS:
            yield "only here: %s" % (our,)
    for their in left:
        yield "only tshark: %s" % (their,)


def datagram(message):
    """To the port of a KDC, from which tshark tells a bare message of one."""
    return (struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(message), 0, 0, 64, 17, 0,
                        bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1])) +
            struct.pack(">HHHH", 1024, 88, 8 + len(message), 0) + message)


def tshark(tokens, is_kdc):
    """The packets of tshark's PDML, one for each token: handed to the dissector of the GSS-API's
    Kerberos tokens as they are, or sent to a KDC."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 101 if is_kdc else 147))
        for token in tokens:
            packet = datagram(token) if is_kdc else token
            file.write(struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet)
        file.flush()
        xml = subprocess.run(
            ["tshark", "-r", file.name, "-T", "pdml", "-o",
             'uat:user_dlts:"User 0 (DLT=147)","spnego-krb5","0","","0",""'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return ElementTree.fromstring(xml).findall("packet")


def kdc_message(token, leaves):
    """tshark does not know IAKERB_PROXY: the message inside, and our leaves of it alone.  Places
    count from the datagram's first octet."""
    if is_of_kdc(token):
        return token, [(key, end and end + 28, value, label) for key, end, value, label in leaves]
    frame_at = element_at(token, 0)
    mech = element_at(token, frame_at[1])
    header = element_at(token, mech[2] + 2)
    rest = [(key, end and end - header[2] + 28, value, label) for key, end, value, label in leaves]
    return token[header[2]:], [leaf for leaf in rest if leaf[1] is None or leaf[1] > 28]


def main():
    tokens = []
    for path in sys.argv[2:]:
        tokens += [(path, token) for token in tokens_of(path)]
    tokens += [("made by kerberos.py, number %d" % i, token) for i, token in enumerate(made())]
    trees = subprocess.run([sys.argv[1]], input="".join(t.hex() + "\n" for _, t in tokens),
                           stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n\n")
    jobs = {False: [], True: []}
    for (path, token), tree in zip(tokens, trees):
        leaves = our_leaves(tree)
        if KRB5_OIDS[3] in token[:16] or is_of_kdc(token):
            jobs[True].append((path, *kdc_message(token, leaves)))
        else:
            jobs[False].append((path, token, leaves))
    agree = compared = num_leaves = 0
    for is_kdc, job in jobs.items():
        for (path, _, ours), packet in zip(job, tshark([token for _, token, _ in job], is_kdc)):
            found = list(differences(ours, their_leaves(packet)))
            for line in found:
                print("%s: %s" % (path, line))
            agree += not found
            compared += 1
            num_leaves += len(ours)
    print("%d agree of %d, %d fields" % (agree, compared, num_leaves))
    sys.exit(agree != compared or compared < len(tokens))


main()
