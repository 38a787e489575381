#!/usr/bin/python3
"""Write what runs came to into a page, between its two marker comments.

    page.py PAGE RESULTS...

RESULTS: lines of fields with tabs between, in any number of files, each of which becomes a table.

    title    TEXT
    date     YEAR-MONTH-DAY
    product  NAME  VERSION          one of those that were met
    tally    TEXT                   how many of what were as expected
    columns  NAME...                their order, else that in which they are first met
    cell     ROW  COLUMN  ok|gap|not run|FAIL     the worst of those with the same row and column counts
"""
import pathlib
import sys

BEGIN, END = "<!-- make interop-page writes from here -->", "<!-- to here -->"
WORST_FIRST = ["FAIL", "gap", "not run", "ok"]


def read_results(path):
    found = {"title": path.stem, "date": "", "tally": "", "columns": [], "products": {}, "cells": {}}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        key, *values = line.split("\t")
        if key in ("title", "date", "tally") and len(values) == 1:
            found[key] = values[0]
        elif key == "columns":
            found["columns"] = values
        elif key == "product" and len(values) == 2:
            found["products"][values[0]] = values[1]
        elif key == "cell" and len(values) == 3 and values[2] in WORST_FIRST:
            found["cells"].setdefault(tuple(values[:2]), []).append(values[2])
        else:
            sys.exit(f"{path}:{number}: not understood: {line}")
    return found


def table(found):
    rows = dict.fromkeys(row for row, _ in found["cells"])
    columns = dict.fromkeys(found["columns"] + [column for _, column in found["cells"]])
    yield "| | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for row in rows:
        here = [found["cells"].get((row, column), []) for column in columns]
        yield f"| {row} | " + " | ".join(min(cell, key=WORST_FIRST.index) if cell else "-" for cell in here) + " |"


def section(found):
    products = ", ".join(f"{name} {version}" for name, version in found["products"].items())
    return [f"### {found['title']}", "", f"{found['date']}, Debian 12: {products}.", "", f"{found['tally']}.", "",
            *table(found), ""]


def main():
    page = pathlib.Path(sys.argv[1])
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page}: where are the two markers, {BEGIN} and {END}?")
    lines = [line for path in sys.argv[2:] for line in section(read_results(pathlib.Path(path)))]
    page.write_text(before + begin + "\n" + "\n".join(lines) + "\n" + end + after, encoding="utf-8")


main()
