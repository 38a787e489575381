#!/usr/bin/env python3
"""What `spnego decode` says of NTLM's and NegoEx's tokens, beside what tshark says, field by field.

usage: ntlm_negoex.py SPNEGO FILE...

Each token of those kinds that the command finds in the files is given to tshark on its own.  Every
field that both have a name for must have the same value, as often and in the same order, at the
same place where our JSON has places.  Prints differences and "N agree of M fields in K tokens".
"""
import datetime
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

# The number of a link type that users may give a meaning (DLT_USER0).
USER0 = 147



def tshark(protocol, tokens):
    """The fields of each token: a list of (name, place, size, shown, octets)."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "tokens.pcap")
        with open(name, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, USER0))
            for token in tokens:
                file.write(struct.pack("<IIII", 0, 0, len(token), len(token)) + token)
        link = 'uat:user_dlts:"User 0 (DLT=%d)","%s","0","","0",""' % (USER0, protocol)
        run = subprocess.run(["tshark", "-r", name, "-T", "pdml", "-o", link],
                             capture_output=True, check=True)
    for packet in ET.fromstring(run.stdout).iter("packet"):
        yield [(field.get("name"), int(field.get("pos")), int(field.get("size")),
                field.get("show", ""), field.get("value", ""))
               for field in packet.iter("field") if field.get("pos") is not None]


def objects(node):
    """All objects in a JSON value, outermost first."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from objects(value)


# ---- Values: ours, and tshark's in the same form ---------------------------------------------

def number(shown, _):
    return int(shown, 0)


def text(shown, _):
    return shown


def guid(shown, _):
    return shown


def time(shown, value):
    """As RFC 3339 writes it; tshark has no other than 1601 and 1970 for zero, and years of more than
    four digits, so those are taken from the octets."""
    date, fraction = re.match(r"(.*)\.(\d{9}) UTC", shown).groups()
    if value == "00" * 8 or not re.search(r", \d{4} ", date):
        return int.from_bytes(bytes.fromhex(value), "little")
    since = datetime.datetime.strptime(date, "%b %d, %Y %H:%M:%S")
    return since.strftime("%Y-%m-%dT%H:%M:%S.") + fraction[:7] + "Z"


def our_time(node):
    return node["time"] if node["value"] != 0 and "time" in node else node["value"]


# ---- NTLM --------------------------------------------------------------------------------------

AV_NAMES = {1: "nb_computer_name", 2: "nb_domain_name", 3: "dns_computer_name",
            4: "dns_domain_name", 5: "dns_tree_name", 9: "target_name"}


def ntlm_pairs(prefix, pairs):
    for pair in pairs:
        if "AvId" not in pair:
            continue
        kind, value = pair["AvId"]["value"], pair.get("Value")
        yield prefix + "item.type", None, kind
        yield prefix + "item.length", None, pair["AvLen"]
        if isinstance(value, dict) and "hex" in value and kind != 10:
            continue  # of another length than it should have
        if kind in AV_NAMES:
            # tshark ends a text at its first NUL.
            yield prefix + AV_NAMES[kind], pair["offset"] + 4, value.split("\0")[0]
        elif kind == 6:
            yield prefix + "flags", value["offset"], value["value"]
        elif kind == 7:
            yield prefix + "timestamp", pair["offset"] + 4, our_time(value)
        elif kind == 10:
            yield prefix + "channel_bindings", value["offset"], value["hex"]


def ntlm_response(name, node):
    if "hex" in node:
        yield name, node["offset"], node["hex"]
    if node.get("type") != "NTLMv2_RESPONSE":
        return
    prefix, client = "ntlmssp.ntlmv2_response.", node["NTLMv2_CLIENT_CHALLENGE"]
    yield prefix + "ntproofstr", node["offset"], node["Response"]["hex"]
    yield prefix + "rversion", None, client["RespType"]
    yield prefix + "hirversion", None, client["HiRespType"]
    yield prefix + "time", None, our_time(client["TimeStamp"])
    yield prefix + "chal", client["ChallengeFromClient"]["offset"], client["ChallengeFromClient"]["hex"]
    yield from ntlm_pairs(prefix, client["AvPairs"])


NTLM_TEXTS = {
    "NTLMSSP_NEGOTIATE": {"DomainName": "ntlmssp.negotiate.domain",
                          "Workstation": "ntlmssp.negotiate.callingworkstation"},
    "NTLMSSP_CHALLENGE": {"TargetName": "ntlmssp.challenge.target_name"},
    "NTLMSSP_AUTHENTICATE": {"DomainName": "ntlmssp.auth.domain",
                             "UserName": "ntlmssp.auth.username",
                             "Workstation": "ntlmssp.auth.hostname"},
}


def ntlm(node):
    yield "ntlmssp.messagetype", None, node["MessageType"]
    if "NegotiateFlags" in node:
        yield "ntlmssp.negotiateflags", node["NegotiateFlags"]["offset"], node["NegotiateFlags"]["value"]
    for ours, theirs in NTLM_TEXTS[node["type"]].items():
        if ours in node:
            yield theirs, None, node[ours]
    for ours, theirs in (("ServerChallenge", "ntlmssp.ntlmserverchallenge"),
                         ("MIC", "ntlmssp.authenticate.mic"),
                         ("EncryptedRandomSessionKey", "ntlmssp.auth.sesskey")):
        # tshark looks for a MIC behind Version even where that was left out.
        if ours in node and (ours != "MIC" or "Version" in node):
            yield theirs, node[ours]["offset"], node[ours]["hex"]
    if "Version" in node:
        for ours, theirs in (("ProductMajorVersion", "major"), ("ProductMinorVersion", "minor"),
                             ("ProductBuild", "build_number"),
                             ("NTLMRevisionCurrent", "ntlm_current_revision")):
            yield "ntlmssp.version." + theirs, None, node["Version"][ours]
    yield from ntlm_pairs("ntlmssp.challenge.target_info.", node.get("TargetInfo", []))
    if "NtChallengeResponse" in node:
        yield from ntlm_response("ntlmssp.auth.ntresponse", node["NtChallengeResponse"])


NTLM_FORMS = {"messagetype": number, "negotiateflags": number, "major": number, "minor": number,
              "build_number": number, "ntlm_current_revision": number, "rversion": number,
              "hirversion": number, "type": number, "length": number, "flags": number,
              "time": time, "timestamp": time, "domain": text, "username": text, "hostname": text,
              "callingworkstation": text}
NTLM_FORMS.update((name, text) for name in AV_NAMES.values())
NTLM_OCTETS = {"ntlmserverchallenge", "mic", "sesskey", "ntproofstr", "chal", "channel_bindings"}


# ---- NegoEx ------------------------------------------------------------------------------------

def negoex(node):
    for message in node["messages"]:
        header = message["Header"]
        yield "negoex.message.type", None, header["MessageType"]["value"]
        yield "negoex.message.seq_num", None, header["SequenceNum"]
        yield "negoex.header.len", None, header["cbHeaderLength"]
        yield "negoex.message.len", None, header["cbMessageLength"]
        yield "negoex.message.conv_id", header["ConversationId"]["offset"], header["ConversationId"]["guid"]
        if "Random" in message:
            yield "negoex.message.random", message["Random"]["offset"], message["Random"]["hex"]
            yield "negoex.proto_version", None, message["ProtocolVersion"]
            schemes = message["AuthSchemes"]
            yield "negoex.auth_scheme_array_offset", schemes["offset"], schemes["AuthSchemeArrayOffset"]
            yield "negoex.auth_scheme_array_count", None, schemes["AuthSchemeCount"]
            for scheme in schemes.get("AuthSchemeArray", []):
                yield "negoex.auth_scheme", scheme["offset"], scheme["guid"]
        if "AuthScheme" in message:
            yield "negoex.auth_scheme", message["AuthScheme"]["offset"], message["AuthScheme"]["guid"]
        if "Exchange" in message:
            exchange = message["Exchange"]
            yield "negoex.exchange_vec_offset", exchange["offset"], exchange["ByteArrayOffset"]
            yield "negoex.exchange_vec_byte_count", None, exchange["ByteArrayLength"]
            if "ByteArray" in exchange:
                yield "negoex.exchange", None, exchange["ByteArray"]["hex"]
        if "Checksum" in message:
            checksum = message["Checksum"]
            value = checksum["ChecksumValue"]
            yield "negoex.header.len", None, checksum["cbHeaderLength"]
            yield "negoex.checksum_scheme", None, checksum["ChecksumScheme"]["value"]
            yield "negoex.checksum_type", None, checksum["ChecksumType"]["value"]
            yield "negoex.checksum_vec_offset", value["offset"], value["ByteArrayOffset"]
            yield "negoex.checksum_vec_count", None, value["ByteArrayLength"]
            yield "negoex.checksum", value["ByteArray"]["offset"], value["ByteArray"]["hex"]
        if "ErrorCode" in message:
            yield "negoex.errorcode", None, message["ErrorCode"]["value"]


NEGOEX_FORMS = {"type": number, "seq_num": number, "len": number, "conv_id": guid,
                "proto_version": number, "auth_scheme_array_offset": number,
                "auth_scheme_array_count": number, "auth_scheme": guid,
                "exchange_vec_offset": number, "exchange_vec_byte_count": number,
                "checksum_scheme": number, "checksum_type": number, "checksum_vec_offset": number,
                "checksum_vec_count": number, "errorcode": number}
NEGOEX_OCTETS = {"random", "exchange", "checksum"}

# ---- Comparing ---------------------------------------------------------------------------------

KINDS = (
    ("ntlmssp", ("NTLMSSP_NEGOTIATE", "NTLMSSP_CHALLENGE", "NTLMSSP_AUTHENTICATE"), ntlm,
     NTLM_FORMS, NTLM_OCTETS),
    ("negoex", ("NEGOEX",), negoex, NEGOEX_FORMS, NEGOEX_OCTETS),
)


def theirs_by_name(fields, forms, octets):
    """tshark's values of each name that we have, with their places."""
    found = {}
    for name, place, size, shown, value in fields:
        last = name.split(".")[-1]
        if size == 0:
            continue
        if last in forms:
            found.setdefault(name, []).append((place, forms[last](shown, value)))
        elif last in octets:
            found.setdefault(name, []).append((place, value))
    return found


def compare(source, ours, theirs, base):
    """Prints differences; returns how many fields agree, and how many there are."""
    agree = total = 0
    names = {}
    for name, place, value in ours:
        names.setdefault(name, []).append((place, value))
    for name, values in names.items():
        others = theirs.get(name, [])
        total += max(len(values), len(others))
        for i, (place, value) in enumerate(values):
            if value == "" and i >= len(others):
                agree += 1  # an empty text has no place there
            elif i < len(others) and others[i][1] == value and place in (None, others[i][0] + base):
                agree += 1
            else:
                print("%s: %s: ours %r at %s, tshark %r" % (source, name, value, place, others[i:i + 1]))
        for other in others[len(values):]:
            print("%s: %s: tshark alone: %r" % (source, name, other))
    return agree, total


def main():
    command, files = sys.argv[1], sys.argv[2:]
    agree = total = tokens = 0
    run = subprocess.run([command, "decode", "--format", "json"] + files, capture_output=True)
    found = [json.loads(line) for line in run.stdout.decode().splitlines()]
    for protocol, types, read, forms, octets in KINDS:
        # The octets are those of the field that holds the token.
        held = [(token["input"]["name"], node["token"], bytes.fromhex(node["hex"]))
                for token in found for node in objects(token.get("token", {}))
                if "hex" in node and node.get("token", {}).get("type") in types]
        held = [item for item in held if item[1].get("offset") is not None]
        for (source, node, _), fields in zip(held, tshark(protocol, [item[2] for item in held])):
            same, of = compare(source, read(node), theirs_by_name(fields, forms, octets), node["offset"])
            agree, total, tokens = agree + same, total + of, tokens + 1
    print("%d agree of %d fields in %d tokens" % (agree, total, tokens))
    return 0 if agree == total and tokens > 0 else 1


sys.exit(main())
