# What a person sees of an AUTHENTICATE_MESSAGE on a terminal of 80 columns, with the finding in its
# place and a hostile name made harmless.
vectors=$(dirname "$0")/../../vectors
cd "$vectors" || exit 1
"$SPNEGO" decode accept/ntlm-text-lone-surrogate.txt
"$SPNEGO" decode --redact accept/ntlm-text-lone-surrogate.txt | grep -A 1 -e Name -e MIC
"$SPNEGO" decode accept/*.txt reject/*.txt captured/*.txt | LC_ALL=C awk 'length($0) > 80 && !/^[a-z]*\// && !/reqFlags/' | head -n 5
