#!/usr/bin/env python3
"""Whether `spnego lint`, which judges each token as it comes, says only what `spnego replay` says of
the whole conversation.

    lint_exchanges.py SPNEGO FILE...

Every error that lint finds must be one that replay finds in the same token, once, as long as the
exchange has not ended there; and all that replay finds, but for what it can say only because it
knows what comes after, is found by lint.  Last line: "N passed, N failed".
"""
import collections
import json
import re
import subprocess
import sys

# A refusal breaks no rule, and lint says nothing of it.
NO_DEPARTURE = {"PEER_REJECTED"}

# What depends on the answer, of which lint knows nothing yet: whether the mechanism, scripted or in
# DCE style, was complete, and whether it can make MICs.
BY_WHAT_COMES = {"INCOMPLETE_AT_END": 10, "RESELECTED_UNPROTECTED": 2}

# The same said of a token and of its pieces.
OF_PIECES = {"TOKEN_TRAILING_BYTES": "FRAGMENT_SURPLUS", "DER_TRUNCATED": "FRAGMENT_EMPTY"}


def run(spnego, command, path):
    out = subprocess.run([spnego, command, "--format", "json", path], capture_output=True, check=False).stdout
    return [json.loads(line) for line in out.splitlines()]


def errors(findings):
    return [f["rule"] for f in findings if f["severity"] == "error" and f["rule"] not in NO_DEPARTURE]


def main():
    spnego, *paths = sys.argv[1:]
    passed = failed = 0
    only_replay = collections.Counter()
    for path in paths:
        # One conversation in which something is said, the same on both sides.
        if re.search("^between", open(path, encoding="ascii").read(), re.M):
            continue
        replay = run(spnego, "replay", path)
        if not replay:
            continue
        replay = replay[0]
        tokens = [i for i, t in enumerate(replay["tokens"], 1) if t.get("type") or t["length"] > 0]
        tokens = [i for i in tokens if not replay["tokens"][i - 1]["effect"].startswith("a piece of")]
        lint = run(spnego, "lint", path)
        good = len(lint) == len(tokens)
        for number, result in zip(tokens, lint):
            theirs = errors(f for f in replay["findings"] if f["token"] == number)
            ours = errors(result["findings"])
            ours = [rule if rule in theirs else OF_PIECES.get(rule, rule) for rule in ours]
            if replay["tokens"][number - 1]["effect"] == "comes after the end":
                continue
            if len(ours) != len(set(ours)) or not set(ours) <= set(theirs):
                print(f"{path}: token {number}: lint {ours}, replay {theirs}")
                good = False
            only_replay.update(set(theirs) - set(ours))
        if len(lint) != len(tokens):
            print(f"{path}: {len(lint)} tokens, replay has {len(tokens)}")
        passed += good
        failed += not good
    passed += only_replay == BY_WHAT_COMES
    failed += only_replay != BY_WHAT_COMES
    for rule, count in only_replay.most_common():
        print(f"{count:4} by replay alone: {rule}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
