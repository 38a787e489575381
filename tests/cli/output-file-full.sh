# Files of tokens that cannot be written are said, and none is left that is not whole.
mkdir out
("$SPNEGO" extract -d missing -t oQcwBaADCgEC 2>&1; echo "$?")
# shellcheck disable=SC3045
(trap '' XFSZ; ulimit -f 0; "$SPNEGO" extract -d out -t oQcwBaADCgEC 2>&1; echo "$?") | cat
ls out
