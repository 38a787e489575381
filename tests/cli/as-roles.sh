# Who receives a token decides some rules.
t=a1143012a0030a0103a10b06092a864882f712010202
"$SPNEGO" lint --as initiator -t $t | cut -d: -f1-4
"$SPNEGO" lint --as acceptor -t $t | cut -d: -f1-4
"$SPNEGO" lint --as initiator -t YCgGBisGAQUFAqAeMBygGjAYBgorBgEEAYI3AgIeBgorBgEEAYI3AgIK | cut -d: -f1-4
