#!/usr/bin/env python3
"""Whether what `spnego decode` finds in a made capture is what was put in.

    check.py SPNEGO CAPTURE      (capture_maker.py wrote CAPTURE and CAPTURE.tokens)

Every token, by its carrier and sender; those of one exchange have one number of their own.  With a
third argument, "unordered", not their order.  Last line: "N passed, N failed", an exchange each.
"""
import collections
import json
import subprocess
import sys


def main():
    spnego, capture = sys.argv[1:3]
    unordered = sys.argv[3:] == ["unordered"]
    wanted = collections.defaultdict(list)
    for line in open(capture + ".tokens", encoding="ascii"):
        number, carrier, who, token = line.split()
        wanted[int(number)].append((carrier, who, token))
    found = collections.defaultdict(list)
    decoded = subprocess.run([spnego, "decode", "--format", "json", capture], capture_output=True, check=False)
    extracted = subprocess.run([spnego, "extract", capture], capture_output=True, check=False, text=True)
    lines = decoded.stdout.decode().splitlines()
    tokens = extracted.stdout.splitlines()
    passed = failed = 0
    if len(lines) != len(tokens):
        failed += 1
        print(f"decode found {len(lines)} tokens, extract {len(tokens)}")
    exchanges = collections.defaultdict(set)
    for line, token in zip(lines, tokens):
        source = json.loads(line)["input"]
        # The connection's number is in the client's address.
        client = next(e for e in source["flow"].values() if e.rsplit(":", 1)[0] not in ("10.128.0.1", "[fd00::a80:1]"))
        address = client.rsplit(":", 1)[0].strip("[]")
        groups = address.replace("fd00::", "").split(":")
        if "." in address:
            parts = [int(p) for p in address.split(".")]
            number = parts[1] << 16 | parts[2] << 8 | parts[3]
        else:
            number = int("".join(g.zfill(4) for g in groups)[-6:], 16)
        who = "I" if source["flow"]["src"] == client else "A"
        found[number].append((source["carrier"], who, token))
        exchanges[number].add(source["exchange"])
    numbers = collections.Counter(n for s in exchanges.values() for n in s)
    for number, turns in wanted.items():
        have = found.pop(number, [])
        same = sorted(have) == sorted(turns) if unordered else have == turns
        split = expected_exchanges(turns)
        if same and len(exchanges[number]) <= split and all(numbers[n] == 1 for n in exchanges[number]):
            passed += 1
        else:
            failed += 1
            if failed < 5:
                print(f"exchange {number} over {turns[0][0]}: put in {len(turns)} tokens, found {len(have)}, "
                      f"numbers {sorted(exchanges[number])}")
    failed += len(found)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


def expected_exchanges(turns):
    """A second first token, which some recorded initiators send, begins another negotiation."""
    return max(1, sum(who == "I" and t.startswith(("60", "4e544c4d5353500001")) for _, who, t in turns))


if __name__ == "__main__":
    sys.exit(main())
