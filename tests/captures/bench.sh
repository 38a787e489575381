#!/bin/sh
# How long it takes to find the tokens of some thousand exchanges over eight carriers, with bulk data
# beside them, for spnego and for tshark, in turn:  tests/captures/bench.sh SPNEGO
set -u
spnego=$1
here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
runs=5

python3 -B "$here/capture_maker.py" "$work/made.pcap" "$here/../../vectors/exchanges" \
    --copies 4 --noise 4000000
python3 -B - "$spnego" "$work/made.pcap" $runs <<'END'
import os, subprocess, sys

spnego, capture, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
commands = {
    "spnego extract": [spnego, "extract", capture],
    "spnego lint": [spnego, "lint", capture],
    "spnego decode": [spnego, "decode", "--format", "json", capture],
    "tshark": ["tshark", "-r", capture, "-Y", "spnego || ntlmssp", "-T", "fields", "-e", "frame.number"],
}
best, lines = {}, {}
for _ in range(runs):
    for name, command in commands.items():
        with open(os.devnull, "w") as null:
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=null)
            out = child.stdout.read()
            _, _, used = os.wait4(child.pid, 0)
        best[name] = min(best.get(name, 9e9), used.ru_utime + used.ru_stime)
        lines[name] = out.count(b"\n")
wanted = sum(1 for _ in open(capture + ".tokens"))
size = os.path.getsize(capture)
print(f"{size / 1e6:.0f} MB, {wanted} tokens; the best of {runs} runs, processor time")
for name, seconds in best.items():
    print(f"{name:16} {seconds:8.3f} s {size / seconds / 1e6:8.0f} MB/s "
          f"{lines[name]:8} {'frames' if name == 'tshark' else 'tokens'} "
          f"{best['tshark'] / seconds:7.1f} times tshark")
END
