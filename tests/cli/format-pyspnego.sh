# The shape of pyspnego's parser, of captured tokens; then what it has no message for, hostile text,
# and where the format is refused.
vectors=$(dirname "$0")/../../vectors
show() {
    "$SPNEGO" decode --format pyspnego "$@"
}
for name in mit-ntlm-1-init apache-ntlm-2-resp-challenge mit-ntlm-3-resp-authenticate \
    mit-reject-wrong-service mit-krb5-2-resp mit-hints chromium-krb5-1-init; do
    "$SPNEGO" encode "$vectors/captured/$name.txt" >token
    show token >shown
    cat shown
    show --pretty token >pretty
    command -v python3 >/dev/null || continue
    # Valid, each node with its three keys, and its octets those that the outer one holds.
    python3 - shown pretty token <<'END' || echo "not that shape: $name"
import json, sys
root = json.load(open(sys.argv[1]))
assert root == json.load(open(sys.argv[2]))
assert bytes.fromhex(root["RawData"]) == open(sys.argv[3], "rb").read()
def check(node, outer):
    assert list(node) == ["MessageType", "Data", "RawData"], list(node)
    assert node["RawData"] == node["RawData"].upper() and node["RawData"] in outer
    for key in ("innerContextToken", "mechToken", "responseToken"):
        if node["Data"].get(key) is not None:
            check(node["Data"][key], node["RawData"])
check(root, root["RawData"])
END
done
for name in reject/truncated reject/raw-negoex accept/init-mic-beside-token; do
    "$SPNEGO" encode "$vectors/$name.txt" >token
    show token
done
show -t a021301fa00d300b06092a864886f712010202a30e300ca00a1b08fffe00225ceda080
show -t a1073005a0030a0163
show -t 600f06062b0601050502a0053003a1030201
show -t a0173015a00d300b06092a864886f712010202a10403020162
for refused in "decode --redact --format pyspnego" "decode --as-vector --format pyspnego" \
    "lint --format pyspnego" "replay --format pyspnego"; do
    "$SPNEGO" $refused -t a1073005a0030a0100 2>/dev/null
    echo "$refused: $?"
done
