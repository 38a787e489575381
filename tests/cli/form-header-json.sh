# A JSON string, with the slash escaped.
"$SPNEGO" decode --format json <<'END'
{"headers": {"Authorization": "Negotiate oQkwB6IFBAP77\/8="}}
END
