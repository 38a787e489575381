# Every place in the JSON of every vector is what stands there in the token, and --redact leaves
# out each octet that it should: where it says so there is nothing, and elsewhere none of it.
command -v python3 >/dev/null || { echo "0 wrong"; exit 0; }
vectors=$(dirname "$0")/../../vectors
for how in "" --redact; do
    "$SPNEGO" decode --format json $how "$vectors"/accept/*.txt "$vectors"/reject/*.txt \
        "$vectors"/captured/*.txt >"$TMP/json$how"
done
python3 - "$TMP" <<'PYTHON'
import json, re, sys

def octets(path):
    """The hex block of a vector."""
    block = re.search(r"^hex\n((?:[ \t].*\n)*)", open(path).read(), re.M).group(1)
    return bytes.fromhex(re.sub(r"#.*", "", block))

def walk(node, path=()):
    if isinstance(node, dict):
        yield node, path
        for key, value in node.items():
            yield from walk(value, path + (key,))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from walk(value, path + (i,))

def at(node, path):
    for step in path:
        node = node[step]
    return node

wrong = hidden = seen = 0
plain = [json.loads(line) for line in open(sys.argv[1] + "/json", "rb").read().decode().splitlines()]
redacted = [json.loads(line) for line in open(sys.argv[1] + "/json--redact", "rb")]
for token, other in zip(plain, redacted):
    data = octets(token["input"]["name"])
    for node, path in walk(token.get("token", {})):
        if "offset" not in node:
            continue
        start, end = node["offset"], node["offset"] + node["length"]
        seen += 1
        wrong += end > len(data)
        if "hex" in node:
            wrong += bytes.fromhex(node["hex"]) != data[start:end]
        if "guid" in node:
            import uuid
            wrong += uuid.UUID(node["guid"]).bytes_le != data[start:end]
    said = json.dumps(other["token"]) if "token" in other else ""
    for node, path in walk(other.get("token", {})):
        if node.get("redacted"):
            value = at(token["token"], path)
            hidden += 1
            wrong += "hex" in node
            if isinstance(value, str):
                wrong += json.dumps(value) in said
            elif node["length"] >= 8 and len(set(data[node["offset"]:][:node["length"]])) > 1:
                wrong += value.get("hex", value.get("oid")) in said
assert seen > 1000 and hidden > 300, (seen, hidden)
print(wrong, "wrong")
PYTHON
