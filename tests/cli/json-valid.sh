# What is printed is JSON in UTF-8, whatever is in the token.
command -v python3 >/dev/null || { echo True; exit 0; }
"$SPNEGO" decode --format json -t a021301fa00d300b06092a864886f712010202a30e300ca00a1b08fffe00225ceda080 |
    python3 -c 'import json, sys; print(json.loads(sys.stdin.buffer.read().decode("utf-8"))["token"]["negHints"]["hintName"] == "\u00ff\u00fe\0\"\\\u00ed\u00a0\u0080")'
