#!/bin/sh
# The official suite on other processors, by cross compilers and user-mode emulators:
#     tests/engine/ports.sh BUILD SUITE WARNINGS "NAME:COMPILER:EMULATOR:FLAGS …" SOURCE…
build=$1 suite=$2 warnings=$3 ports=$4
shift 4
failed=0
for port in $ports; do
    name=${port%%:*}
    rest=${port#*:}
    compiler=${rest%%:*}
    rest=${rest#*:}
    emulator=${rest%%:*}
    flags=$(printf '%s' "${rest#*:}" | tr ',' ' ')
    if ! command -v "$compiler" >/dev/null || ! command -v "$emulator" >/dev/null; then
        echo "engine-$name: $compiler or $emulator is absent: not tested"
        continue
    fi
    mkdir -p "$build/ports"
    objects=
    for source in "$@"; do
        object=$build/ports/$name-$(basename "$source" .c).o
        objects="$objects $object"
        [ -z "$(find "$source" src/engine src/base tests/engine -newer "$object" -name '*.[ch]' 2>/dev/null | head -n 1)" ] &&
            [ -e "$object" ] && continue
        "$compiler" -std=c17 $warnings -O1 $flags -Isrc -Itests/engine -D_GNU_SOURCE -c -o "$object" "$source" || exit 1
    done
    "$compiler" $flags -static -o "$build/ports/$name" $objects -lm -lpthread || exit 1
    timeout 3000 "$emulator" "$build/ports/$name" --engine=interpreter "$suite"/core/*.json "$suite"/exceptions/*.json \
        >"$build/ports/$name.log" 2>&1 || failed=1
    grep -v 'passed, ' "$build/ports/$name.log" | head -n 20
    echo "engine-$name: $(tail -n 1 "$build/ports/$name.log")"
done
exit $failed
