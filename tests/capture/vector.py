#!/usr/bin/python3
"""Write one captured token as a vector file, after checking that it is what its title says.

    vector.py TOKEN OUT.txt --title TEXT --origin TEXT --as initiator|acceptor --shape TEXT
    vector.py TOKEN --shape-only

Refuses a token that a stock parser (openssl asn1parse) does not read, whose shape is not the one
expected, or that holds the name in $REAL_HOST, which no peer should have been able to see.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
from spnego_shape import shape  # noqa: E402

KEY_WIDTH = 9
LINE_WIDTH = 100
REDACTED = "nothing: the realm and its keys were made for this run"


def names_host(token, host):
    """Short names turn up in ciphertext by chance, so in ASCII they count only as a whole word."""
    lower = token.lower()
    if host.encode("utf-16-le") in lower:
        return True
    word = host.encode()
    at = lower.find(word)
    while at >= 0:
        around = lower[max(at - 2, 0):at] + lower[at + len(word):at + len(word) + 2]
        if len(word) > 4 or (len(around) == 4 and all(32 <= c < 127 and not chr(c).isalnum() for c in around)):
            return True
        at = lower.find(word, at + 1)
    return False


def check(token, path, want):
    stock = subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-in", path], capture_output=True, check=False)
    # Behind the OID of a mechanism's own frame anything may follow (RFC 2743 3.1).
    if stock.returncode != 0 and not want.startswith("iakerb"):
        return "openssl asn1parse does not read it"
    got = shape(token)
    if got != want:
        return f"it is [{got}], expected [{want}]"
    host = os.environ.get("REAL_HOST", "").lower()
    if host and names_host(token, host):
        return "it names the machine it was captured on"
    return None


def field(key, text):
    lines = textwrap.wrap(text, LINE_WIDTH - KEY_WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join((key if i == 0 else "").ljust(KEY_WIDTH) + line for i, line in enumerate(lines)) + "\n"


def hex_block(token):
    rows = (token[i:i + 16] for i in range(0, len(token), 16))
    return "hex\n" + "".join("  " + row.hex(" ") + "\n" for row in rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("token", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path, nargs="?")
    parser.add_argument("--title")
    parser.add_argument("--origin")
    parser.add_argument("--as", dest="receiver")
    parser.add_argument("--shape")
    parser.add_argument("--shape-only", action="store_true")
    args = parser.parse_args()
    token = args.token.read_bytes()
    try:
        if args.shape_only:
            print(shape(token))
            return
        wrong = check(token, args.token, args.shape)
    except (ValueError, IndexError) as error:
        wrong = str(error)
    if wrong:
        sys.exit(wrong)
    args.out.write_text(
        field("title", args.title) + field("origin", args.origin) + field("redacted", REDACTED)
        + field("as", args.receiver) + "\n" + hex_block(token), encoding="ascii")


main()
