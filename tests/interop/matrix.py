#!/usr/bin/python3
"""Play every row of a matrix and compare both sides' verdicts with what it expects.

    matrix.py MATRIX PEERS LOGDIR [WORD]     rows whose scenario or pair holds WORD, default all

README.md has the form of MATRIX.  PEERS has lines "NAME: COMMAND" or "NAME init|accept: COMMAND", to which the
role and the row's options are added; "FAMILY! REASON" for peers that are not here; "@NAME: COMMAND" for what a row may put
in front of a command.
"""
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import select
import shlex
import subprocess
import sys
import time

from between import meddler
from spnego_shape import shape

ANSWER_SECONDS = 40
MOST_TOKENS = 12
WORKERS = 2 * (os.cpu_count() or 1)
# Who is met, in both directions; and our two sides with each other.
MET = ["mit", "heimdal", "samba", "java", "dotnet"]
COLUMNS = [f"ours > {peer}" for peer in MET] + [f"{peer} > ours" for peer in MET] + ["ours > ours"]
# These are met where a row says so.
CARRIERS = ["ours > smbd", "smbclient > ours"]
OURS = re.compile(r"ours-")
# What our side prints of an established context, where a row must name every word there is.
EXACT = re.compile(r"mech=\S+|reselected|mics|delegated|[A-Z0-9_]{6,}$")


# ---- The matrix as text -----------------------------------------------------------------------

@dataclasses.dataclass
class Row:
    scenario: str
    sides: tuple       # (initiator, acceptor), each "PEER[@AROUND] [options]"
    expect: tuple      # their verdicts, each "complete|failure|continue words"
    own_expect: bool   # the expectation is this row's, not its scenario's
    between: str = ""
    acceptor_first: bool = False
    some: bool = False # its scenario is not for every peer
    gap: str = ""      # why the peer cannot do what the scenario asks of it
    shown: str = ""    # "N SHAPE": the token that shows it
    cannot: str = ""   # why there is nothing to run
    mute: str = ""     # why no messages are exchanged afterwards
    late: str = ""     # how a side refuses that was complete before
    unsealed: str = "" # why no sealed message is exchanged afterwards
    note: str = ""     # what a reader should know
    result: str = ""
    wrong: list = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    evidence: str = ""

    @property
    def column(self):
        return " > ".join("ours" if OURS.match(side) else re.split(r"[-@ ]", side)[0] for side in self.sides)

    @property
    def title(self):
        return " > ".join(self.sides)


def pair(text):
    left, _, right = text.partition(">")
    return left.strip(), right.strip()


def with_options(side, more):
    """The row's own options come last, and win."""
    name, _, own = side.partition(" ")
    return " ".join(filter(None, (name, more, own)))


def read_matrix(path):
    rows, scenario, row = [], None, None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, _, value = (part.strip() for part in line.partition(":"))
        if line.startswith("=="):
            scenario = {"name": line.strip("= "), "options": ("", ""), "expect": ("", ""),
                        "between": "", "acceptor_first": False, "some": False}
        elif raw[0] != " " and key in ("options", "expect"):
            scenario[key] = pair(value)
        elif raw[0] != " " and key == "between":
            scenario["between"] = value
        elif raw[0] != " " and line in ("acceptor first", "some"):
            scenario[line.replace(" ", "_")] = True
        elif raw[0] != " ":
            sides = tuple(with_options(side, more) for side, more in zip(pair(line), scenario["options"]))
            row = Row(scenario["name"], sides, scenario["expect"], False, scenario["between"],
                      scenario["acceptor_first"], scenario["some"])
            rows.append(row)
        elif key == "expect":
            row.expect, row.own_expect = pair(value), True
        elif key in ("gap", "shown", "cannot", "mute", "late", "unsealed", "note", "between"):
            setattr(row, key, value)
        else:
            sys.exit(f"{path}:{number}: not understood: {line}")
    return rows


def read_peers(path):
    commands, absent, around = {}, {}, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, mark, rest = re.match(r"(@?[a-z0-9-]+(?: init| accept)?)([:!]) (.*)", line).groups()
        (absent if mark == "!" else around if name[0] == "@" else commands)[name.lstrip("@")] = rest
    return commands, absent, around


# ---- One exchange -------------------------------------------------------------------------------

class Peer:
    def __init__(self, role, command, errors):
        self.keyed = "smb2_peer" in command
        self.role, self.status, self.words = role, "continue", "was never asked"
        self.errors = errors
        with open(errors, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1)

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        ready, _, _ = select.select([self.process.stdout], [], [], ANSWER_SECONDS)
        return self.process.stdout.readline().strip() if ready else ""

    def step(self, token):
        answer = self.ask(token.hex() or "-")
        self.status, _, rest = answer.partition(" ")
        text, _, self.words = rest.partition(" ")
        if self.status not in ("continue", "complete", "failure"):
            said = pathlib.Path(self.errors).read_text(encoding="utf-8").strip().splitlines()[-1:]
            self.status, self.words = "silence", f"exit {self.process.poll()} {answer!r} {said}"
            return b""
        return b"" if text in ("", "-") else bytes.fromhex(text)

    def stop(self):
        """Its exit status, or None if it had to be killed."""
        self.process.stdin.close()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None
        finally:
            self.process.stdout.close()


def converse(sides, row):
    """The tokens as they were sent, and whether the last one found its peer done already."""
    meddle, tokens, token = meddler(row.between), [], b""
    speaker, listener = sides[::-1] if row.acceptor_first else sides
    while len(tokens) < MOST_TOKENS:
        token = speaker.step(token)
        if not token:
            return tokens, False
        tokens.append((speaker.role, token))
        if listener.status != "continue":
            return tokens, True
        token = meddle(speaker.role, token)
        speaker, listener = listener, speaker
    return tokens, False


def talk(sides, sealed_too):
    """A signed and a sealed message each way, or what the carrier does with the session key; what went wrong, or nothing.

    That the keys agree is what is shown: a MIC and a ciphertext are good under the key of the other side alone.
    """
    for carrier, other in (sides, sides[::-1]):
        if carrier.keyed:
            answer = carrier.ask("key " + other.ask("key -"))
            return "" if answer == "good" else f"{carrier.role} with the session key: {answer}"
    text = b"a message of the application".hex()
    for speaker, listener in (sides, sides[::-1]):
        mic = speaker.ask("sign " + text)
        answer = listener.ask(f"verify {text} {mic}")
        if answer != "good":
            return f"{listener.role} on the MIC of a message: {mic[:40]} -> {answer}"
    for speaker, listener in (sides, sides[::-1]) if sealed_too else ():
        sealed = speaker.ask("seal " + text)
        answer = listener.ask("open " + sealed)
        if text in sealed or answer != text:
            return f"{listener.role} on a sealed message: {sealed[:40]} -> {answer}"
    return ""


# ---- Judging ------------------------------------------------------------------------------------

def judge_side(row, number, peer):
    status, *words = row.expect[number].split()
    wrong = []
    if peer.status != status:
        wrong.append(f"{peer.role} is {peer.status} {peer.words!r}, expected {status}")
        return wrong
    said = peer.words.split()
    ours = OURS.match(row.sides[number])
    if ours and status == "complete":
        got = {word for word in said if EXACT.fullmatch(word)}
        if got != set(words):
            wrong.append(f"{peer.role} says {' '.join(sorted(got))}, expected {' '.join(sorted(words))}")
    elif ours or row.own_expect:
        for word in words:
            found = re.search(rf"(^|\W){re.escape(word.lstrip('!'))}($|\W)", peer.words)
            if (found is None) != word.startswith("!"):
                wrong.append(f"{peer.role}, expected {word}: {peer.words!r}")
    return wrong


def safe_shape(token):
    try:
        return shape(token)
    except (ValueError, IndexError, KeyError) as error:
        return f"unreadable ({error})"


def judge(row, sides, tokens, unread, log):
    for number, peer in enumerate(sides):
        row.wrong += judge_side(row, number, peer)
    if all(peer.status == "complete" for peer in sides):
        said = "" if row.mute else talk(sides, not row.unsealed)
        if bool(said) != bool(row.late):
            row.wrong.append(said or "nobody refused the messages")
    if row.shown:
        number, _, wanted = row.shown.partition(" ")
        token = tokens[int(number) - 1][1] if len(tokens) >= int(number) else b""
        row.evidence = token.hex()
        if not token or safe_shape(token) != wanted:
            row.wrong.append(f"token {number} is {safe_shape(token) if token else 'not there'!r}, expected {wanted!r}")
    for number, (role, token) in enumerate(tokens, 1):
        print(number, role, safe_shape(token), token.hex(), file=log)
    for peer in sides:
        print(peer.role, peer.status, peer.words, file=log)
    print("unread" if unread else "", *row.wrong, sep="\n", file=log)
    short = "/".join(peer.status for peer in sides)
    row.result = f"{short}, {len(tokens)} tokens" + (", the last unread" if unread else "")


def play(number, row, commands, absent, around, logs):
    if row.cannot:
        row.result = "nothing to run"
        return row
    lines = []
    for role, side in zip(("init", "accept"), row.sides):
        name, _, options = side.partition(" ")
        name, *wraps = name.split("@")
        family = re.split("-", name)[0]
        if family in absent:
            row.result = "not run: " + absent[family]
            return row
        wrap = "".join(around[wrap] + " " for wrap in wraps)
        log = f" --log {logs}/{number}.{role}.events" if OURS.match(name) else ""
        lines.append(f"{wrap}{commands.get(f'{name} {role}') or commands[name]} {role}{log} {options}")
    began = time.monotonic()
    sides = tuple(Peer(role, line, logs / f"{number}.{role}.err") for role, line in zip(("init", "accept"), lines))
    try:
        with open(logs / f"{number}.log", "w", encoding="utf-8") as log:
            print(row.scenario, *lines, sep="\n", file=log)
            judge(row, sides, *converse(sides, row), log)
    finally:
        for side, peer in zip(row.sides, sides):
            ended = peer.stop()
            if OURS.match(side) and ended != 0:  # a sanitizer's report is in the .err of this row
                row.wrong.append(f"{peer.role} ends with {ended}")
    row.seconds = time.monotonic() - began
    return row


# ---- Reporting ----------------------------------------------------------------------------------

def verdict(row):
    if row.wrong:
        return "FAIL"
    if row.result.startswith("not run"):
        return "not run"
    return "gap" if row.gap or row.cannot else "ok"


def print_rows(rows):
    scenario = None
    for row in rows:
        if row.scenario != scenario:
            scenario = row.scenario
            print(f"\n{scenario}")
        print(f"  {verdict(row):7} {row.title}: {row.result}")
        for line in row.wrong:
            print(f"            {line}")
        if (row.gap or row.cannot) and verdict(row) != "not run":
            print(f"            peer's gap: {row.gap or row.cannot}")
        for why in (row.note, row.late and "refused late: " + row.late,
                    row.unsealed and "no sealed message: " + row.unsealed,
                    row.mute and "no messages: " + row.mute):
            if why:
                print(f"            {why}")
        if row.evidence:
            shown = row.evidence if len(row.evidence) <= 160 else f"{row.evidence[:150]}... ({len(row.evidence) // 2} octets)"
            print(f"            token {row.shown}: {shown}")


def print_grid(rows):
    order = ["FAIL", "gap", "not run", "ok"]
    scenarios = list(dict.fromkeys(row.scenario for row in rows))
    some = {row.scenario for row in rows if row.some}
    width = max(len(name) for name in scenarios)
    print("\nours is the initiator in the first five columns, the acceptor in the next five, then both; >smbd and smbclient> are SMB2")
    print(" " * width, *(f"{name.replace('ours > ', '>').replace(' > ours', '>'):>9}" for name in COLUMNS + CARRIERS))
    empty = []
    for scenario in scenarios:
        cells = []
        for column in COLUMNS + CARRIERS:
            here = [verdict(row) for row in rows if row.scenario == scenario and row.column == column]
            cells.append(min(here, key=order.index) if here else "-")
            if not here and scenario not in some and column in COLUMNS:
                empty.append(f"{scenario}: {column}")
        print(f"{scenario:{width}}", *(f"{cell:>9}" for cell in cells))
    return empty


def main():
    matrix, peers, logs = map(pathlib.Path, sys.argv[1:4])
    word = sys.argv[4] if len(sys.argv) > 4 else ""
    commands, absent, around = read_peers(peers)
    rows = [row for row in read_matrix(matrix) if word in row.scenario + row.title]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        rows = list(pool.map(lambda item: play(*item, commands, absent, around, logs), enumerate(rows, 1)))
    print_rows(rows)
    # A cell without a row is a cell that was skipped in silence.
    empty = [] if word else print_grid(rows)
    for cell in empty:
        print("FAIL  no row for", cell)
    count = {kind: sum(verdict(row) == kind for row in rows) for kind in ("ok", "gap", "not run", "FAIL")}
    print(f"\n{len(rows)} rows in {time.monotonic() - began:.0f} s; {count['gap']} of those passed are peers' gaps,"
          f" {count['not run']} not run")
    with open(logs / "cells", "w", encoding="utf-8") as cells:
        print("columns", *COLUMNS, *CARRIERS, sep="\t", file=cells)
        for row in rows:
            print("cell", row.scenario, row.column, verdict(row), sep="\t", file=cells)
    with open(logs / "tally", "w", encoding="utf-8") as tally:
        print(f"{count['ok'] + count['gap']} rows of {len(rows) - count['not run']} as expected, {count['not run']} not"
              f" run; in {count['gap']} of them the peer cannot do what the row asks for (gap)", file=tally)
    failed = count["FAIL"] + len(empty)
    print(f"{count['ok'] + count['gap']} passed, {failed} failed")
    sys.exit(failed != 0)


main()
