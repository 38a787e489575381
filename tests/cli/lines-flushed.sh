# Each answer comes before the next line is read.
mkfifo in out
"$SPNEGO" decode --format json --from lines <in >out &
exec 3>in 4<out
for line in oQcwBaADCgEC oRQwEqADCgEDoQsGCSqGSIL3EgECAg==; do
    echo "$line" >&3
    read -r answer <&4
    echo "$answer"
done
exec 3>&-
wait $!
