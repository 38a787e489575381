# base64 with what JSON and URLs make of its last digits.
form() {
    cat >in
    "$SPNEGO" decode --format json in | sed 's/.*"encoding":"\([a-z0-9]*\)".*/\1/'
    "$SPNEGO" extract in
}
# JSON
form <<'END'
{"token":"oT8wPaADCgEBojYENAAA\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002b\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F\u002F8="}
END
# JSON, the padding
form <<'END'
{"token":"oRswGaADCgEAoxIEEAEAAADwRhjh431wRAAAAAA\u003d"}
END
# a URL
form <<'END'
GET /?Authorization=Negotiate%20oRswGaADCgEAoxIEEAEAAADwRhjh431wRAAAAAA%3D&x=1
END
# a URL, plus and slash
form <<'END'
token=oT8wPaADCgEBojYENAAA%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2b%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F8=&x=1
END
