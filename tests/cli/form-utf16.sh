# Text in UTF-16, as a shell on Windows writes it into a file.
printf '\377\376o\0Q\0c\0w\0B\0a\0A\0D\0C\0g\0E\0C\0\r\0\n\0' | "$SPNEGO" decode --format json
