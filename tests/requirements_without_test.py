#!/usr/bin/env python3
"""Lists the requirements that no test, vector or exception names, and the names that are of none; fails if there are any.

    tests/requirements_without_test.py [CATALOGUE]

The catalogue numbers requirements in groups, from 01 on; tests cite them as NNS-07, and "NNS-31, 36, 37 to 40" or
"HTTP-37..42" where several go together.  A rule's row counts for what it cites if a vector shows the rule.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| ([A-Z]+)-(\d+) \|", re.M)
RULE = re.compile(r'^RULE\(\d+, *(\w+), *\w+, *"[^"]*", *"([^"]*)"', re.M)
RANGE = re.compile(r"(\d{2,3})(?:(?: to |\.\.)(\d{2,3}))?")


def cited(text, names):
    cite = re.compile(rf"\b({names})-(\d{{2,3}}(?:(?:, | and | to |\.\.)(?:\1-)?\d{{2,3}}(?!\d))*)")
    for group, numbers in cite.findall(text):
        for first, last in RANGE.findall(numbers.replace(group + "-", "")):
            for number in range(int(first), int(last or first) + 1):
                yield group, number


def named(names):
    """What is cited, and by which file."""
    by = {}
    shown = set()
    for folder in ("tests", "vectors", "fuzz"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".txt", ".md", ".py", ".sh") or path == pathlib.Path(__file__).resolve():
                continue
            text = path.read_text(errors="replace")
            by.update((one, path) for one in cited(text, names))
            if folder == "vectors":
                shown.update(re.findall(r"^rule +(\w+)$", text, re.M))
    rules = ROOT / "src/base/rules.def"
    for name, ids in RULE.findall(rules.read_text()):
        by.update((one, rules) for one in cited(ids, names) if name in shown)
    return by


def main():
    catalogue = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/spec/requirements.md"
    if not catalogue.is_file():
        print("requirements and their tests: not run, the catalogue is not here")
        return 0
    known = [(group, int(number)) for group, number in ROW.findall(catalogue.read_text())]
    groups = list(dict.fromkeys(group for group, _ in known))
    by = named("|".join(groups))
    for group in groups:
        ids = [one for one in known if one[0] == group]
        print(f"{group}: {sum(one in by for one in ids)} of {len(ids)} requirements are named by a test, a vector or an exception")
    missing = [one for one in known if one not in by]
    strange = [one for one in by if one not in known]
    for group, number in missing:
        print(f"none names {group}-{number:02}")
    for group, number in strange:
        print(f"{by[group, number].relative_to(ROOT)} names {group}-{number:02}, which there is not")
    print(f"requirements without a test: {len(missing)}")
    return 1 if missing or strange or not known else 0


sys.exit(main())
