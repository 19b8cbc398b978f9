#!/bin/bash
# The encoder's bytes and the system assembler's bytes for the same listing must disassemble alike.
set -eu -o pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" "$dir/ours.bin" "$dir/listing.s"
as --64 -o "$dir/theirs.o" "$dir/listing.s"
objcopy -O binary -j .text "$dir/theirs.o" "$dir/theirs.bin"
for side in ours theirs; do
    objdump -D -b binary -m i386:x86-64 -M intel --no-show-raw-insn --no-addresses "$dir/$side.bin" |
        tail -n +8 | sed 's/ *<.*//' >"$dir/$side.txt"
done
# Jump targets are addresses: alike only while every length is alike, so compare without them too.
lines=$(grep -cvE '^\.|:$' "$dir/listing.s")
failed=$(diff "$dir/ours.txt" "$dir/theirs.txt" | grep -c '^[<>]' || true)
if [ "$failed" != 0 ]; then (diff "$dir/ours.txt" "$dir/theirs.txt" || true) | head -20; fi
echo "encode: $((lines - (failed + 1) / 2)) passed, $(((failed + 1) / 2)) failed"
[ "$failed" = 0 ]
