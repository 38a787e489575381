#!/usr/bin/env python3
"""Tokens among random octets, as in a memory dump:  dump.py SPNEGO EXCHANGES

Of recorded tokens, all that can be told by their own octets, every second one in base64: in a file
that fits into memory, and in one that does not and is searched piece by piece.  `extract` must find
each of them, and nothing else.  Last line: "N passed, N failed", a file each.
"""
import base64
import random
import subprocess
import sys

import capture_maker

MIB = 1 << 20


def main():
    spnego, folder = sys.argv[1:]
    passed = failed = 0
    chance = random.Random(3)
    tokens = [token for turns in capture_maker.exchanges(folder) for _, token in turns]
    for num_octets, num_tokens in ((MIB, 200), (70 * MIB, 20)):
        octets = bytearray(chance.randbytes(num_octets))
        picked = chance.sample(tokens, num_tokens)
        # The later ones lie across the ends of pieces of 64 KiB.
        places = [max(0, i * (num_octets // num_tokens) - 100) for i in range(num_tokens)]
        for i, (at, token) in enumerate(zip(places, picked)):
            planted = token if i % 2 == 0 else b" " + base64.b64encode(token) + b" "
            octets[at:at + len(planted)] = planted
        found = subprocess.run([spnego, "extract"], input=bytes(octets), capture_output=True, check=False)
        wanted = [token.hex() for token in picked]
        if found.stdout.decode().split() == wanted:
            passed += 1
        else:
            failed += 1
            have = found.stdout.decode().split()
            print(f"{num_octets} octets: missing {[t for t in wanted if t not in have]}, too many "
                  f"{[t for t in have if t not in wanted]}, said {found.stderr}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
