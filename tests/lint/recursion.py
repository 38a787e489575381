#!/usr/bin/env python3
"""recursion.py OBJECT...: prints each circle of calls in what the compiler made of the library (SPN-58).

With one, a peer's nesting would be this side's stack.  Calls by pointer are not seen: they go to the host
alone, which may not call back.
"""
import re
import subprocess
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <([\w.]+)>:$")
CALL = re.compile(r"\s(?:callq?|jmpq?|bl?)\s+[0-9a-f]+ <([\w.]+)>$")
RELOCATION = re.compile(r"R_\w+_(?:PLT32|PC32|CALL26|JUMP26|GOTPCRELX)\s+([\w.]+)(?:[-+]0x[0-9a-f]+)?$")


def seen_in(object_file):
    """What each function of one object calls, by name."""
    calls = {}
    callees = None
    text = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", object_file], check=True, capture_output=True,
                          text=True).stdout
    for line in text.splitlines():
        if found := FUNCTION.search(line):
            callees = calls.setdefault(found[1], set())
        elif found := CALL.search(line) or RELOCATION.search(line):
            callees.add(found[1])
    return calls


def calls_of(objects):
    """The same of all; a name is first of all that of its own object."""
    seen = {path: seen_in(path) for path in objects}
    home = {name: path for path, calls in seen.items() for name in calls}
    return {(path, name): {(path if callee in calls else home.get(callee), callee) for callee in callees}
            for path, calls in seen.items() for name, callees in calls.items()}


def circles(calls):
    """Takes away what calls nothing that is left, until nothing goes: what stays, calls in a circle."""
    left = {name: set(callees) for name, callees in calls.items()}
    while done := {name for name, callees in left.items() if not callees & left.keys()}:
        for name in done:
            del left[name]
    return left


def main():
    calls = calls_of(sys.argv[1:])
    num = sum(1 for callees in calls.values() for callee in callees if callee in calls)
    if num < 500:
        print(f"only {num} calls are seen")
    for (_, name), callees in sorted(circles(calls).items()):
        print(f"{name} calls {' '.join(sorted(callee for _, callee in callees))}")


main()
