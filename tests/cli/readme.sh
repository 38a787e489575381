# What README.md shows of the command is what it prints: each line after "$ spnego ...", in that order.
cd "$(dirname "$0")/../.." || exit 1
python3 - "$SPNEGO" <<'PYTHON'
import subprocess, sys

def shown(lines):
    command, said = None, []
    for line in lines + ["```"]:
        if line.startswith("$ ") or line == "```":
            if command is not None and command.startswith("spnego "):
                yield command, said
            command, said = (line[2:], []) if line.startswith("$ ") else (None, [])
        elif line not in ("...", ""):
            said.append(line)

num = 0
for command, said in shown(open("README.md").read().split("\n")):
    out = subprocess.run(["sh", "-c", '"$0"' + command[len("spnego"):], sys.argv[1]], capture_output=True, text=True).stdout
    rest = iter(out.split("\n"))
    num += 1
    for line in said:
        if line not in rest:
            print(f"{command}: does not print, or not here: {line}")
print(num, "commands")
PYTHON
