# No escape sequence of a token reaches the terminal.
"$SPNEGO" decode -t a01f301da00d300b06092a864886f712010202a30c300aa0081b06611b5b33316d | grep 'hintName  '
