#!/usr/bin/python3
"""Write what a run of the matrix had on the wire as files that replay without any of the peers.

    exchanges.py MATRIX RUN FOLDER      RUN: what RIG_KEEP=1 left, of a run with exchange_record.c

One file for each shape: the pair of implementations, what each token holds (spnego_shape.py), and how our side ended.
Refused are tokens that a peer should not have been able to say: $REAL_HOST, or a name in the file system.
"""
import datetime
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "capture"))
sys.dont_write_bytecode = True
from between import meddler  # noqa: E402
from spnego_shape import shape  # noqa: E402

KEY_WIDTH = 9
LINE_WIDTH = 100
LARGE = 6000  # octets of one exchange; of those that are larger, one of a scenario is enough
ROLES = ("init", "accept")
RESULTS = {1: "COMPLETE", 2: "CONTINUE", 3: "PENDING", 4: "UNAVAILABLE", 5: "FAILED"}
OPTIONS = {1: "NO_OPTIMISTIC_TOKEN", 2: "OWN_ORDER", 4: "REQUIRE_MIC", 8: "NO_FALLBACK", 16: "TRY_NEXT_MECH"}
PACKAGES = {"mit": ("MIT krb5", "libgssapi-krb5-2"), "heimdal": ("Heimdal", "libgssapi3-heimdal"),
            "samba": ("Samba gensec", "samba-libs"),
            "smbd": ("Samba smbd", "samba"), "smbclient": ("Samba smbclient", "smbclient"), "java": ("OpenJDK JGSS", "openjdk-17-jre-headless"),
            "ntlm": ("gss-ntlmssp", "gss-ntlmssp")}


# ---- What was run -------------------------------------------------------------------------------

def read_rows(path):
    """(scenario, sides, between) of each row, in the order of their numbers."""
    rows, scenario, between = [], "", ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        key, _, value = (part.strip() for part in line.partition(":"))
        if not line or line.startswith("#") or line in ("acceptor first", "some"):
            continue
        if line.startswith("=="):
            scenario, between = line.strip("= "), ""
        elif key == "between" and raw[0] == " ":
            rows[-1][2] = value
        elif key == "between":
            between = value
        elif raw[0] != " " and key not in ("options", "expect"):
            rows.append([scenario, [side.split()[0].split("@")[0] for side in line.split(" > ")], between])
    return rows


def read_log(path):
    """The tokens as (role, octets), and whether all was as the row expects."""
    lines = path.read_text(encoding="utf-8").splitlines()
    tokens = []
    for line in lines[3:]:
        found = re.fullmatch(r"\d+ (init|accept) .* ([0-9a-f]+)", line)
        if not found:
            break
        tokens.append((found[1], bytes.fromhex(found[2])))
    verdicts = [at for at, line in enumerate(lines) if re.match(r"accept (complete|continue|failure|silence)", line)]
    return tokens, bool(verdicts) and not lines[verdicts[-1] + 2:]


def read_record(path):
    """What exchange_record.c wrote: lists of words."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.split()[1:] for line in lines if line.startswith("exchange ")]


def octets(text):
    return b"" if text == "-" else bytes.fromhex(text)


# ---- Products -----------------------------------------------------------------------------------

def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def version(package):
    full = output("dpkg-query", "-W", "-f", "${Version}", package)
    upstream = full.split(":")[-1].rsplit("-", 1)[0]
    return f"{upstream.removesuffix('+dfsg')} (Debian {full})"


def product(name, role):
    family = re.sub("^ours-", "", name).split("-")[0]
    if family == "dotnet":
        text = ".NET " + re.findall(r"Microsoft\.NETCore\.App (\S+)", output("dotnet", "--list-runtimes"))[-1]
        return text + (", managed SPNEGO" if role == "init" else f" over MIT krb5 {version('libgssapi-krb5-2')}")
    text = f"{PACKAGES[family][0]} {version(PACKAGES[family][1])}"
    if family == "mit":
        text += f" with gss-ntlmssp {version(PACKAGES['ntlm'][1])}"
    return "our negotiation over the mechanisms of " + text if name.startswith("ours-") else text


# ---- One file -----------------------------------------------------------------------------------

class Exchange:
    def __init__(self, row, tokens, records):
        self.scenario, self.sides, self.between = row
        self.records = records  # by role, of our sides
        meddle = meddler(self.between)
        self.tokens = []        # (role, mark, octets)
        for role, token in tokens:
            self.tokens.append((role, ">", token))
            if meddle(role, token) != token:
                self.tokens.append((role, "*", meddle(role, token)))

    def delivered(self, role, number):
        """What token `number` was when `role` got it: the number of that."""
        changed = number < len(self.tokens) and self.tokens[number][1] == "*"
        return number + 1 if changed else number

    def number(self, role, after, wanted, sent):
        for number, (speaker, mark, token) in enumerate(self.tokens, 1):
            if number <= after or mark != ">" or (speaker == role) != sent:
                continue
            number = number if sent else self.delivered(role, number)
            if self.tokens[number - 1][2] == wanted:
                return number
        raise ValueError(f"no token {wanted[:20].hex()} after {after}")

    def reference(self, wanted, near):
        if not wanted:
            return "-"
        for number in near + list(range(1, len(self.tokens) + 1)):
            at = self.tokens[number - 1][2].find(wanted) if number else -1
            if at >= 0:
                return f"{number}:{at}+{len(wanted)}"
        return "x" + wanted.hex()

    def side(self, role):
        lines, calls, last, taken, said, ends = [], [], 0, 0, 0, ""
        for words in self.records[role]:
            if words[0] == "config":
                lines += ["mechs    " + " ".join(words[5:]), "profile  " + words[2]]
                names = [name for bit, name in OPTIONS.items() if int(words[3], 0) & bit]
                lines += ["options  " + " ".join(names)] if names else []
            elif words[0] == "in":
                taken = self.number(role, last, octets(words[1]), False) if words[1] != "-" else 0
                calls = []
            elif words[0] == "call":
                calls.append(words)
            elif words[0] == "out":
                last = max(last, taken)
                said = self.number(role, last, octets(words[1]), True) if words[1] != "-" else 0
                last = max(last, said)
                lines.append(f"step in={taken or '-'} out={said or '-'} {words[2]}")
                lines += [self.call(call, [said, taken]) for call in calls]
            elif words[0] == "ends":
                ends = " ".join(words[1:])
        lines.insert(next(at for at, line in enumerate(lines) if line.startswith("step")), "ends     " + ends)
        return lines

    def call(self, words, near):
        _, mech, function, result, flags, *rest = words
        if not rest:
            return f"call {mech} {function} {result} flags={flags}"
        given, given_back, code, major = rest
        # What is signed and its MIC stand here once more: who changes the list in a token must hear of it.
        show = self.reference if function == "step" else lambda wanted, _: "x" + wanted.hex() if wanted else "-"
        text = (f"call {mech} {function} {RESULTS[int(result)]} flags={flags}"
                f" in={show(octets(given), near)} out={show(octets(given_back), near)}")
        return text + (f" code={code} major={major}" if (code, major) != ("0", "0") else "")

    def key(self):
        ends = [record[-1] for record in self.records.values() if record]
        return repr((self.sides, [(role, mark, shape(token)) for role, mark, token in self.tokens], ends))

    def size(self):
        return sum(len(token) for _, _, token in self.tokens)

    def text(self, when):
        who = [product(name, role) for name, role in zip(self.sides, ROLES)]
        short = [name.replace("ours-", "ours over ") for name in self.sides]
        text = field("title", f"{self.scenario}: {short[0]} > {short[1]}")
        text += field("origin", f"initiator: {who[0]}; acceptor: {who[1]}; captured {when} on loopback by"
                                " tests/interop/exchanges.sh; throw-away realm RIG.TEST")
        text += field("redacted", "nothing: the realm and its keys were made for this run")
        text += field("between", self.between) if self.between not in ("", "none") else ""
        for role, title in zip(ROLES, ("initiator", "acceptor")):
            if role in self.records:
                text += f"\n{title}\n" + "".join(f"  {line}\n" for line in self.side(role))
        text += "\ntokens\n"
        for number, (role, mark, token) in enumerate(self.tokens, 1):
            text += f"  {number} {'I' if role == 'init' else 'A'}{mark} {zlib.crc32(token):08x} {shape(token)}\n"
            text += "".join("     " + token[at:at + 32].hex(" ") + "\n" for at in range(0, len(token), 32))
        return text


def field(key, text):
    lines = textwrap.wrap(text, LINE_WIDTH - KEY_WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join((key if i == 0 else "").ljust(KEY_WIDTH) + line for i, line in enumerate(lines)) + "\n"


def file_name(exchange, taken):
    words = [word for word in re.findall("[a-z0-9]+", exchange.scenario.lower().replace("'s", ""))
             if word not in ("a", "the", "of", "and", "is", "in", "to", "for", "with")]
    name = "-".join([*words[:6], *exchange.sides[:1], "to", *exchange.sides[1:]])
    number = 1
    while (name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return name if number == 1 else f"{name}-{number}"


def tells_of_machine(token):
    host = os.environ.get("REAL_HOST", "").lower()
    words = ["/" + folder + "/" for folder in ("tmp", "home", "root", "work")] + [host, host.split(".")[0]] * bool(host)
    lower = token.lower()
    # Short names turn up in ciphertext by chance.
    return any(word.encode("utf-16-le") in lower or (len(word) > 4 and word.encode() in lower) for word in words)


# ---- All ----------------------------------------------------------------------------------------

def collect(rows, logs, complaints):
    for number, row in enumerate(rows, 1):
        log = logs / f"{number}.log"
        if not log.exists():
            continue
        tokens, good = read_log(log)
        records = {role: read_record(logs / f"{number}.{role}.err")
                   for role, name in zip(ROLES, row[1]) if name.startswith("ours-")}
        if log.read_text(encoding="utf-8").split("\n", 1)[0] != row[0]:
            sys.exit(f"row {number} was not {row[0]!r} when it was played: another matrix")
        if not good:
            complaints.append(f"row {number} is not as expected: {row}")
        elif tokens and records and all(records.values()):
            yield number, Exchange(row, tokens, records)


def main():
    matrix, run, folder = map(pathlib.Path, sys.argv[1:4])
    when = datetime.date.today().isoformat()
    shapes, large, texts, complaints = set(), set(), {}, []
    for number, exchange in collect(read_rows(matrix), run / "logs", complaints):
        try:
            key = exchange.key()
            if key in shapes:
                continue
            if any(tells_of_machine(token) for _, _, token in exchange.tokens):
                raise ValueError("it tells of the machine it was captured on")
            if exchange.size() > LARGE and exchange.scenario in large:
                continue
            text = exchange.text(when)
        except (ValueError, IndexError, KeyError, StopIteration) as error:
            complaints.append(f"row {number}, {exchange.scenario}, {exchange.sides}: {error!r}")
            continue
        shapes.add(key)
        if exchange.size() > LARGE:
            large.add(exchange.scenario)
        texts[file_name(exchange, texts)] = text
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="ascii")
    for complaint in complaints:
        print("left out:", complaint, file=sys.stderr)
    print(f"{len(texts)} exchanges, {sum(map(len, texts.values()))} octets, {len(complaints)} rows left out")
    sys.exit(1 if complaints else 0)


main()
