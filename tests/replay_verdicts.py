#!/usr/bin/env python3
"""Whether `spnego replay` comes to the end that each recorded conversation came to.

    replay_verdicts.py SPNEGO TRANSCRIPTS EXCHANGES

The expectation is the file's own: the `ends` of its sides, which the negotiation with its mechanisms
came to, and which is compared with what is said of the tokens alone.  Where that hangs on what is not
in the tokens, the file stands below with the reason, and must really differ.  Last line: "N passed, N
failed".
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys

LEGS = "how many tokens the scripted mechanism needs is not in its tokens"
MIC = "whether a MIC is good is for the mechanism's keys to say"
INTEGRITY = "whether the scripted mechanism can make MICs is not in its tokens"
POLICY = "a side's own policy, limit or mechanism, which it tells nobody"
NOTHING = "no token was sent at all"
FRAGMENTS = "a token whose rest nobody asked for looks like one that was cut (MS-SPNG 3.1.5.6)"
STRICT = "the side is strict where replay forgives what real peers do"
BARE = "that the mechanism's own tokens were agreed on is what the carrier says, not they"
SAID_OTHERWISE = "of two rules that are broken at once, the other one is named"

HIDDEN = {
    "completed-too-early": LEGS,
    "completed-too-early-to-acceptor": LEGS,
    "empty-token-at-end": LEGS,
    "mic-too-early": LEGS,
    "response-token-empty": LEGS,
    "response-token-missing": LEGS,
    "response-token-missing-to-acceptor": LEGS,
    "response-token-surplus": LEGS,
    "response-token-surplus-to-acceptor": LEGS,
    "mic-too-early-and-completed": SAID_OTHERWISE,
    "mic-without-integrity": SAID_OTHERWISE,
    "downgrade-acceptor": MIC,
    "downgrade-initiator": MIC,
    "mech-verifies-with-supplement": MIC,
    "mic-echoes-token": MIC,
    "mic-echoes-token-though-required": MIC,
    "mic-wrong": MIC,
    "mic-wrong-to-acceptor": MIC,
    "mic-missing-acceptor-last": INTEGRITY,
    "mic-missing-initiator-last": INTEGRITY,
    "require-mic-by-initiator-2-legs": POLICY,
    "mics-are-required-by-our-side-ours-mit-to-mit-2": POLICY,
    "mech-fails-at-first": NOTHING,
    "mech-list-empty": NOTHING,
    "policy-no-fallback": NOTHING,
    "policy-not-anonymous": NOTHING,
    "fragment-unasked": FRAGMENTS,
    "hints-asked": STRICT,
    "hints-to-initiator": STRICT,
    "old-krb5-oid": STRICT,
    "bare-token-too-early": BARE,
}


def agrees(ends, replay):
    """Whether a verdict fits what the sides ended with."""
    errors = {f["rule"] for f in replay["findings"] if f["severity"] == "error"}
    for end in ends:
        if m := re.match(r"(PROTOCOL|MALFORMED|BAD_MIC)\s+rule=(\w+)", end):
            # Forgiven by interoperable peers, but found.
            return m[2] in errors or (replay["verdict"] == "violation" and m[2] in replay["summary"])
    if all(end.startswith("COMPLETE") for end in ends):
        return replay["verdict"] == "complete"
    if all(end.startswith(("REJECTED", "COMPLETE", "NO_MECH", "MECH rule=MECH_FAILED", "MECH ", "POLICY",
                           "MECH_LIED", "LIMIT", "NO_MEMORY")) for end in ends) and \
            not all(end.startswith("COMPLETE") for end in ends):
        # Whatever it is that a side does not like, it says so, or it says nothing.
        return replay["verdict"] in ("rejected", "incomplete")
    return replay["verdict"] == "incomplete"


def main():
    spnego, transcripts, exchanges = sys.argv[1:4]
    passed = failed = 0
    hidden = collections.Counter()
    seen = set()
    for path in sorted(glob.glob(transcripts + "/*.txt") + glob.glob(exchanges + "/*.txt")):
        name = os.path.basename(path)[:-4]
        text = open(path, encoding="ascii").read()
        # The two sides did not see the same tokens, so there is no one conversation to judge.
        if re.search("^between", text, re.M):
            continue
        run = subprocess.run([spnego, "replay", "--format", "json", path], capture_output=True, check=False)
        try:
            replay = json.loads(run.stdout)
            good = agrees(re.findall("^  ends +(.*)$", text, re.M), replay)
            said = replay["summary"]
        except ValueError:
            good, said = False, run.stderr.decode().strip()
        seen.add(name)
        if name in HIDDEN:
            hidden[HIDDEN[name]] += 1
            good = not good
        passed += good
        failed += not good
        if not good:
            print(f"{name}: {'agrees, though listed as hidden' if name in HIDDEN else said}")
    for name in sorted(set(HIDDEN) - seen):
        failed += 1
        print(f"{name}: listed, but not there")
    for reason, count in hidden.most_common():
        print(f"{count:4} differ: {reason}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
