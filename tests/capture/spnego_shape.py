"""What a SPNEGO token holds, in one line: read here with nothing of the project's own code.

    init mechs=krb5,ntlm token=ap-req          resp state=accept-incomplete mech=ntlm token=ntlm-2 mic

Or what a message between a client and its KDC holds besides, bare or in IAKERB_PROXY:

    as-req padata=133,151                      iakerb tgs-req padata=1,136
"""

OIDS = {
    "2b0601050502": "spnego",
    "2a864886f712010202": "krb5",
    "2a864882f712010202": "mskrb5",
    "2b06010401823702020a": "ntlm",
    "2b06010401823702021e": "negoex",
    "2a864886f71201020203": "krb5-u2u",
    "2b0601050205": "iakerb",
}
STATES = ["accept-completed", "accept-incomplete", "reject", "request-mic"]
KRB5_TOKENS = {b"\x01\x00": "ap-req", b"\x02\x00": "ap-rep", b"\x03\x00": "krb-error"}
KDC_MESSAGES = {0x6A: ("as-req", 0xA3), 0x6B: ("as-rep", 0xA2), 0x6C: ("tgs-req", 0xA3), 0x6D: ("tgs-rep", 0xA2),
                0x7E: ("krb-error", 0xAC)}
KRB5_BARE = {0x6E: "bare-ap-req", 0x6F: "bare-ap-rep", 0x7E: "bare-krb-error"}


def element(data):
    """The first element of `data`: its tag, its contents, what follows. DER lengths only."""
    tag, length, start = data[0], data[1], 2
    if tag & 0x1F == 0x1F:
        raise ValueError("tag of several octets")
    if length & 0x80:
        count = length & 0x7F
        start += count
        length = int.from_bytes(data[2:start], "big")
        if not 1 <= count <= 3 or length < 0x80 or data[2] == 0:
            raise ValueError("length is not minimal")
    if start + length > len(data):
        raise ValueError("length passes the end")
    return tag, data[start:start + length], data[start + length:]


def only(data, want):
    tag, contents, rest = element(data)
    if tag != want or rest:
        raise ValueError(f"tag {tag:02x} where {want:02x} stands alone")
    return contents


def elements(data):
    while data:
        tag, contents, data = element(data)
        yield tag, contents


def oid_name(contents):
    return OIDS.get(contents.hex(), "oid:" + contents.hex())


def token_kind(token):
    if not token:
        return "empty"
    if token.startswith(b"NTLMSSP\0"):
        return f"ntlm-{token[8]}"
    if token[0] == 0x60:
        tag, oid, rest = element(only(token, 0x60))
        if oid_name(oid) == "krb5":
            return KRB5_TOKENS.get(rest[:2], "krb5")
        return oid_name(oid)
    return KRB5_BARE.get(token[0], "other")


def init_shape(body):
    words = ["init"]
    for tag, contents in elements(only(body, 0x30)):
        if tag == 0xA0:
            words.append("mechs=" + ",".join(oid_name(oid) for _, oid in elements(only(contents, 0x30))))
        elif tag == 0xA1:
            words.append("reqflags=" + only(contents, 0x03).hex())
        elif tag == 0xA2:
            words.append("token=" + token_kind(only(contents, 0x04)))
        elif tag == 0xA3 and contents[0] == 0x30:
            words.append("hints")
        elif tag == 0xA3:
            words.append("mic")
        else:
            words.append(f"field={tag:02x}")
    return " ".join(words)


def resp_shape(body):
    words = ["resp"]
    for tag, contents in elements(only(body, 0x30)):
        if tag == 0xA0:
            words.append("state=" + STATES[only(contents, 0x0A)[0]])
        elif tag == 0xA1:
            words.append("mech=" + oid_name(only(contents, 0x06)))
        elif tag == 0xA2:
            words.append("token=" + token_kind(only(contents, 0x04)))
        elif tag == 0xA3:
            words.append("mic")
        else:
            words.append(f"field={tag:02x}")
    return " ".join(words)


def padata_kind(entry):
    """PA-DATA begins with its type under [1]; what else an error may hold does not."""
    kind = element(only(entry, 0x30))
    return str(int.from_bytes(only(kind[1], 0x02), "big", signed=True)) if kind[0] == 0xA1 else "other"


def kdc_shape(token):
    tag, contents, rest = element(token)
    name, where = KDC_MESSAGES[tag]
    words = [name]
    for field, value in elements(only(contents, 0x30)):
        if field != where:
            continue
        entries = only(only(value, 0x04) if tag == 0x7E else value, 0x30)
        kinds = []
        while entries:
            end = len(entries) - len(element(entries)[2])
            kinds.append(padata_kind(entries[:end]))
            entries = entries[end:]
        words.append("padata=" + ",".join(kinds))
    if rest:
        raise ValueError(f"{len(rest)} octets after the message")
    return " ".join(words)


def shape(token):
    if token[0] in KDC_MESSAGES:
        return kdc_shape(token)
    tag, contents, rest = element(token)
    if rest:
        raise ValueError(f"{len(rest)} octets after the token")
    if tag == 0x60:
        tag, oid, body = element(contents)
        if tag == 0x06 and oid_name(oid) == "iakerb" and body[:2] == b"\x05\x01":
            message = element(body[2:])[2]
            return "iakerb " + kdc_shape(message) if message else "iakerb"
        if tag != 0x06 or oid_name(oid) != "spnego":
            raise ValueError("framed, but not as SPNEGO")
        return init_shape(only(body, 0xA0))
    if tag == 0xA0:
        return "bare-" + init_shape(contents)
    if tag == 0xA1:
        return resp_shape(contents)
    raise ValueError(f"not SPNEGO: first tag is {tag:02x}")
