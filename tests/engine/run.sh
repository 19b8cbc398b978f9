#!/bin/sh
# Runs all tests of the engine and adds up: tests/engine/run.sh BUILD SUITE. Each program prints `… N passed, N failed` last.
# BUILD has san/ (address and undefined-behaviour sanitizers) and slow/ (every slot far away, handlers called from a loop).
build=$1
suite=$2
passed=0
failed=0
run() { # name, command…
    name=$1
    shift
    timeout 900 "$@" >"$build/test/$name.log" 2>&1
    status=$?
    line=$(tail -n 1 "$build/test/$name.log")
    p=$(printf '%s\n' "$line" | sed -n 's/^.*\<\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1/p')
    f=$(printf '%s\n' "$line" | sed -n 's/^.*\<\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\2/p')
    if [ -z "$p" ] || { [ "$status" != 0 ] && [ "$f" = 0 ]; }; then
        echo "engine: $name ended with status $status:"
        tail -n 20 "$build/test/$name.log"
        p=${p:-0}
        f=1
    elif [ "$f" != 0 ]; then
        grep -v 'passed, ' "$build/test/$name.log" | head -n 20
    fi
    echo "engine: $name: $p passed, $f failed"
    passed=$((passed + p))
    failed=$((failed + f))
}
replay() { # name, program
    if timeout 300 "$2" tests/fuzz/corpus-engine/* >"$build/test/$1.log" 2>&1; then
        passed=$((passed + 1))
    else
        tail -n 20 "$build/test/$1.log"
        failed=$((failed + 1))
    fi
}
mkdir -p "$build/test"
core=$(echo "$suite"/core/*.json)
exceptions=$(echo "$suite"/exceptions/*.json)
run engine-unit "$build/test/engine-unit"
run engine-unit-san "$build/san/test/engine-unit"
run engine-unit-slow "$build/slow/test/engine-unit"
run image "$build/test/image" "$build/test/image.wasm"
run image-san "$build/san/test/image" "$build/test/image.wasm"
run suite "$build/spec-runner" --engine=interpreter $core $exceptions
run suite-checked-fuel "$build/spec-runner" --engine=interpreter --no-guard-regions --fuel=100000000000 $core $exceptions
run suite-slow "$build/slow/spec-runner" --engine=interpreter $core $exceptions
run suite-san "$build/san/spec-runner" --engine=interpreter $core $exceptions
replay replay-decode "$build/san/test/engine-replay-decode"
replay replay-run "$build/san/test/engine-replay-run"
echo "engine: $passed passed, $failed failed"
[ "$failed" = 0 ]
