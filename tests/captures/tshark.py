#!/usr/bin/env python3
"""Whether spnego and tshark find tokens in the same frames of public captures.

    tshark.py SPNEGO CAPTURE...

tshark shows only the fields of mechanisms' tokens for some, so what is compared is which frames hold
SPNEGO or a message of NTLMSSP.  Last line: "N passed, N failed", a capture each.
"""
import json
import subprocess
import sys


def lines(*command):
    return subprocess.run(command, capture_output=True, check=False, text=True).stdout.splitlines()


def main():
    spnego = sys.argv[1]
    passed = failed = 0
    for capture in sys.argv[2:]:
        # An element of SPNEGO, or a message of NTLMSSP in DCE/RPC without it.
        theirs = {int(line) for line in lines(
            "tshark", "-r", capture, "-Y", "spnego || ntlmssp.messagetype", "-T", "fields", "-e",
            "frame.number")}
        ours = {json.loads(line)["input"].get("frame") for line in
                lines(spnego, "decode", "--format", "json", capture)}
        if ours == theirs:
            passed += 1
        else:
            failed += 1
            print(f"{capture}: spnego alone {sorted(ours - theirs)}, tshark alone {sorted(theirs - ours)}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
