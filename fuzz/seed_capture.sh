# Seeds of the targets of captures and of replay, for fuzz/seed.sh.
# shellcheck shell=sh disable=SC2154 # what seed.sh has set

case $target in
capture | flow)
    python3 "$here/../tests/captures/capture_maker.py" "$folder" "$vectors/exchanges" --seeds "$target"
    [ "$target" = flow ] || python3 -B "$here/../tests/captures/shapes.py" --seeds "$folder"
    ;;
exchange)
    for file in "$vectors"/transcripts/*.txt "$vectors"/exchanges/*.txt; do
        cp "$file" "$seed"
        keep
    done
    ;;
esac
