#!/usr/bin/env python3
"""Whether --redact leaves anything of what tokens say in clear, or of a capture's addresses.

    redact.py SPNEGO VECTORS CAPTURE...

Of every token its words are taken, whatever field they stand in: runs of printable characters in
ASCII or UTF-16.  None may stand in what is shown of it, as text or in hexadecimal, nor may an address
of the capture that it was in.  The same for tokens with octets changed, in which a name may lie where
none belongs.  Last line: "N passed, N failed", an input each.
"""
import glob
import ipaddress
import json
import os
import random
import re
import subprocess
import sys

# What standards fix, so that it names nobody.
PUBLIC = [b"NTLMSSP", b"NEGOEXTS", b"not_defined_in_RFC4178@please_ignore"]
SHORTEST = 5
FORMS = [["decode"], ["decode", "--format", "json"], ["decode", "--strict", "--format", "json", "--pretty"],
         ["lint"], ["lint", "--format", "json"], ["replay"], ["replay", "--format", "json"]]


def run(*command, data=None):
    return subprocess.run(command, input=data, capture_output=True, check=False)


def words_of(octets):
    """Of runs of printable characters, which may have begun by chance before the word, all pieces of
    the shortest length."""
    for public in PUBLIC:
        octets = octets.replace(public, b"\0" * len(public))
    runs = re.findall(rb"[\x20-\x7e]{%d,}" % SHORTEST, octets)
    runs += [found[::2] for found in re.findall(rb"(?:[\x20-\x7e]\0){%d,}" % SHORTEST, octets)]
    return {text[at:at + SHORTEST] for text in runs for at in range(len(text) - SHORTEST + 1)}


def leaks(out, words, own):
    shown = out.lower()
    digits = re.sub(rb"[^0-9a-f]", b"", shown)
    for word in words:
        if word.lower() in shown and word.lower() not in own:
            yield word.decode()
        for coded in (word, word.decode().encode("utf-16-le")[:-1]):
            if coded.hex().encode() in digits:
                yield coded.hex()


def own_words(spnego):
    """What the command says of anything."""
    return run(spnego, "explain", "--list").stdout.lower()


def addresses_of(spnego, capture):
    """The texts of the addresses, as without --redact, and their octets."""
    found = set()
    for line in run(spnego, "decode", "--format", "json", capture).stdout.splitlines():
        for end in json.loads(line)["input"].get("flow", {}).values():
            found.add(end.rsplit(":", 1)[0].strip("[]"))
    return found


def shown_addresses(out):
    """What looks like an address, in text or as octets in hexadecimal."""
    found = set()
    for text in re.findall(r"[0-9a-fA-F:.]{3,}", out.decode()):
        for form in (text, text.strip(".:"), text.rsplit(":", 1)[0]):
            try:
                found.add(str(ipaddress.ip_address(form)))
            except ValueError:
                pass
        if len(text) in (8, 32) and re.fullmatch("[0-9a-fA-F]*", text):
            found.add(str(ipaddress.ip_address(bytes.fromhex(text))))
    return found


def changed(token, chance):
    out = bytearray(token)
    for _ in range(chance.choice([1, 1, 2, 4])):
        out[chance.randrange(min(len(out), chance.choice([40, 200, len(out)])))] = chance.randrange(256)
    return bytes(out[:chance.randrange(1, len(out))] if chance.random() < .2 else out)


def check_changed(spnego, own, name, tokens, chance):
    inputs = [changed(token, chance) for token in tokens for _ in range(100)]
    lines = run(spnego, "decode", "--redact", "--format", "json", "--from", "lines",
                data="".join(octets.hex() + "\n" for octets in inputs).encode()).stdout.splitlines()
    failed = len(lines) != len(inputs)
    for octets, line in zip(inputs, lines):
        for leak in leaks(line, words_of(octets), own):
            print(f"{name}, changed to {octets.hex()}: shows {leak!r}")
            failed = 1
    return failed


def check(spnego, own, name, words, addresses):
    failed = 0
    for form in FORMS:
        done = run(spnego, form[0], "--redact", *form[1:], name)
        out = (done.stdout + done.stderr).replace(b"\n", b" ").replace(name.encode(), b"")
        if done.returncode not in (0, 1, 2):
            print(f"{name}: {form}: exit {done.returncode}: {done.stderr}")
            failed = 1
        for leak in sorted(leaks(out, words, own)):
            print(f"{name}: {' '.join(form)} shows {leak!r}")
            failed = 1
        for address in addresses & shown_addresses(out):
            print(f"{name}: {' '.join(form)} shows {address}")
            failed = 1
    return failed


def main():
    spnego, vectors, *captures = sys.argv[1:]
    own = own_words(spnego)
    chance = random.Random(1)
    passed = failed = 0
    for path in sorted(glob.glob(vectors + "/captured/*.txt") + glob.glob(vectors + "/exchanges/*.txt") + captures):
        tokens = [bytes.fromhex(token.decode()) for token in run(spnego, "extract", path).stdout.split()]
        addresses = addresses_of(spnego, path) if path in captures else set()
        # A made capture has the tokens of the exchanges: only its addresses are new.
        made = os.path.exists(path + ".tokens")
        words = set() if made else set().union(*map(words_of, tokens))
        bad = check(spnego, own, path, words, addresses)
        if "/captured/" in path:
            bad |= check_changed(spnego, own, path, tokens, chance)
        failed += bad
        passed += 1 - bad
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
