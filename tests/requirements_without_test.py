#!/usr/bin/env python3
"""Lists the requirements that no test, vector or exception names, and says how many there are.

The catalogue numbers them in groups, from 01 on; tests cite them as NNS-07, and "NNS-31, 36, 37 to 40" or
"HTTP-37..42" where several go together.  A rule's row counts for what it cites if a vector shows the rule.
"""
import pathlib
import re
import sys

GROUPS = {"SPN": 77, "NEG": 149, "LOOP": 57, "NNS": 98, "SOCK": 57, "SASL": 100, "HTTP": 48, "NEX": 67}
NAMES = "|".join(GROUPS)
CITED = re.compile(rf"\b({NAMES})-(\d{{2,3}}(?:(?:, | and | to |\.\.)(?:\1-)?\d{{2,3}}(?!\d))*)")
RANGE = re.compile(r"(\d{2,3})(?:(?: to |\.\.)(\d{2,3}))?")


def cited(text):
    for group, numbers in CITED.findall(text):
        for first, last in RANGE.findall(numbers.replace(group + "-", "")):
            for number in range(int(first), int(last or first) + 1):
                yield group, number


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    covered = set()
    vectors = []
    for folder in ("tests", "vectors", "fuzz"):
        for path in (root / folder).rglob("*"):
            if path.suffix in (".c", ".h", ".txt", ".md", ".py", ".sh") and path.is_file():
                text = path.read_text(errors="replace")
                covered.update(cited(text))
                if folder == "vectors":
                    vectors.append(text)
    shown = set(re.findall(r"^rule +(\w+)$", "\n".join(vectors), re.M))
    for name, ids in re.findall(r'^RULE\(\d+, *(\w+), *\w+, *"[^"]*", *"([^"]*)"', (root / "src/base/rules.def").read_text(), re.M):
        if name in shown:
            covered.update(cited(ids))
    total = 0
    for group, count in GROUPS.items():
        missing = [n for n in range(1, count + 1) if (group, n) not in covered]
        total += len(missing)
        print(f"{group}: {count - len(missing)} of {count} requirements are named by a test, a vector or an exception")
        if missing:
            print("  none names " + " ".join(f"{group}-{n:02}" for n in missing))
    print(f"requirements without a test: {total}")
    return 0


sys.exit(main())
