# Of several inputs the worst counts.
echo oQcwBaADCgEC >clean
echo a182000b30820007a08200030a0100 >findings
echo nothing >none
"$SPNEGO" lint clean findings clean >/dev/null
echo $?
"$SPNEGO" lint findings none clean >/dev/null 2>&1
echo $?
