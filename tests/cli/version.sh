# The version is that of the library.
"$SPNEGO" --version | sed "s/[0-9]*\.[0-9]*\.[0-9]*/N/"
