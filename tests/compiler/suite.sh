#!/bin/sh
# The official suite in compiled mode, plainly and in every forced slow path: tests/compiler/suite.sh RUNNER SUITE
# RUNNER takes the bits of x64_code.h from the environment (options.c).
runner=$1 suite=$2
core=$(echo "$suite"/core/*.json)
exceptions=$(echo "$suite"/exceptions/*.json)
passed=0 failed=0
run() { # name, bits set, bits cleared, options…
    name=$1 set=$2 without=$3
    shift 3
    said=$(GB_X64_SET=$set GB_X64_WITHOUT=$without timeout 300 "$runner" --engine=compiler "$@" $core $exceptions 2>&1)
    line=$(printf '%s\n' "$said" | tail -n 1)
    p=$(printf '%s\n' "$line" | sed -n 's/^.*\<\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1/p')
    f=$(printf '%s\n' "$line" | sed -n 's/^.*\<\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\2/p')
    if [ -z "$p" ] || [ "$f" != 0 ]; then printf '%s\n' "$said" | tail -n 20; fi
    echo "compiled suite, $name: ${p:-0} passed, ${f:-1} failed"
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-1}))
}
run 'as it comes' 0 0
run 'no guard regions' 0 0 --no-guard-regions
run 'everything spilled' 0x400 0
run 'a small code buffer' 0x800 0
run 'a processor without AVX, BMI, LZCNT and POPCNT' 0 0x3e
run 'counting fuel' 0 0 --fuel=100000000000
echo "compiled suite: $passed passed, $failed failed"
[ "$failed" = 0 ]
