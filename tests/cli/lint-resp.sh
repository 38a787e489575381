# A MIC that repeats the token, a reply without negState, one without anything.
"$SPNEGO" lint -t a1123010a206040461626364a306040461626364 | cut -d: -f1-4
"$SPNEGO" lint -t a10f300da10b06092a864886f712010202 | cut -d: -f1-4
"$SPNEGO" lint -t a1023000 | cut -d: -f1-4
