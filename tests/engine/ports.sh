#!/bin/sh
# Runs what mk/ports.mk has compiled for other processors: tests/engine/ports.sh PORTS SUITE NAME:EMULATOR…
# PORTS/NAME/ holds suite, tokens and replay. No guard regions: emulators keep a record of every page that is reserved.
ports=$1 suite=$2
shift 2
passed=0 failed=0
run() { # name, command…: the last line says how many
    part=$1
    shift
    timeout 1500 "$@" >"$ports/$part.log" 2>&1
    status=$?
    p=$(sed -n '$s/^.*\<\([0-9][0-9]*\) passed, [0-9][0-9]* failed$/\1/p' "$ports/$part.log")
    f=$(sed -n '$s/^.*\<[0-9][0-9]* passed, \([0-9][0-9]*\) failed$/\1/p' "$ports/$part.log")
    if [ -z "$p" ] || { [ "$status" != 0 ] && [ "$f" = 0 ]; }; then
        echo "ports: $part ended with status $status:"
        tail -n 20 "$ports/$part.log"
        p=${p:-0} f=1
    elif [ "$f" != 0 ]; then
        head -n 20 "$ports/$part.log"
    fi
    echo "ports: $part: $p passed, $f failed"
    passed=$((passed + p))
    failed=$((failed + f))
}
for port; do
    name=${port%%:*}
    emulator=${port#*:}
    run "$name-suite" "$emulator" "$ports/$name/suite" --engine=interpreter --no-guard-regions \
        "$suite"/core/*.json "$suite"/exceptions/*.json
    run "$name-tokens" "$emulator" "$ports/$name/tokens"
    if timeout 300 "$emulator" "$ports/$name/replay" tests/tokens/corpus/* >"$ports/$name-replay.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -n 20 "$ports/$name-replay.log"
    fi
done
echo "ports: $passed passed, $failed failed"
[ "$failed" = 0 ]
