# Several threads give what one gives, in the same order, whatever the format; `index` counts on.
for token in oQcwBaADCgEC oRQwEqADCgEDoQsGCSqGSIL3EgECAg== 'no token' 'Negotiate oQcwBaADCgEC' \
    'a10730 05a0030a0107'; do
    echo "$token"
done >five
for i in 1 2 3 4 5 6 7 8; do cat five five five five five; done >hundreds
for i in 1 2 3 4 5 6 7 8 9 10; do cat hundreds hundreds hundreds hundreds; done >lines
wc -l <lines
for command in 'decode --format json' decode lint; do
    for jobs in 1 2 7 0; do
        # shellcheck disable=SC2086
        "$SPNEGO" $command --from lines -j "$jobs" - <lines >out.$jobs
        echo "$command -j $jobs: exit $?"
        cmp out.1 out.$jobs
    done
done
"$SPNEGO" decode --format json --from lines -j 3 lines | tail -n 1 | cut -c1-60
for wrong in x -1 257 ''; do
    "$SPNEGO" decode -j "$wrong" lines 2>&1
done
"$SPNEGO" decode --from lines missing 2>&1
