"""What someone between two peers does to their tokens.  Reads and writes DER without the project's code."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "capture"))
from spnego_shape import element, elements, only  # noqa: E402

MECH_TYPES, MECH_TOKEN, MIC = 0xA0, 0xA2, 0xA3
UNKNOWN_MECH = bytes.fromhex("06092b0601040181fd5901")  # 1.3.6.1.4.1.32473.1, a number for examples (RFC 5612)


def tlv(tag, contents):
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def change_fields(token, change):
    """The token with change(choice tag, {field tag: contents}) done to it."""
    framed = token[0] == 0x60
    inner = element(element(token)[1])[2] if framed else token
    choice, body, _ = element(inner)
    fields = dict(elements(only(body, 0x30)))
    change(choice, fields)
    inner = tlv(choice, tlv(0x30, b"".join(tlv(tag, fields[tag]) for tag in sorted(fields))))
    return tlv(0x60, bytes.fromhex("06062b0601050502") + inner) if framed else inner


def strip_mic(choice, fields):
    fields.pop(MIC, None)


def bad_mic(choice, fields):
    if MIC in fields:
        fields[MIC] = fields[MIC][:-1] + bytes([fields[MIC][-1] ^ 1])


def add_mech(choice, fields):
    """A mechanism nobody has at the end of mechTypes: who looks at the first entries alone sees no difference."""
    if choice == 0xA0:
        fields[MECH_TYPES] = tlv(0x30, only(fields[MECH_TYPES], 0x30) + UNKNOWN_MECH)


def keep_last(choice, fields):
    """All but the last mechanism go out of the list, and the first one's token with them: a downgrade."""
    if choice == 0xA0:
        mechs = [tlv(tag, oid) for tag, oid in elements(only(fields[MECH_TYPES], 0x30))]
        fields[MECH_TYPES] = tlv(0x30, mechs[-1])
        fields.pop(MECH_TOKEN, None)


CHANGES = {"strip-mic": strip_mic, "bad-mic": bad_mic, "add-mech": add_mech, "keep-last": keep_last}


def meddler(text):
    """CHANGE@init|accept: a function (role, token) -> token that changes what that side says."""
    if text in ("", "none"):
        return lambda role, token: token
    name, _, whose = text.partition("@")
    change = CHANGES[name]
    return lambda role, token: change_fields(token, change) if role == whose else token
