"""wasm3 behind the line protocol of bench/README.md (package pywasm3)."""
import sys
import time

import wasm3

runtime = None


def answer(words):
    global runtime
    if words[0] == "load" and len(words) == 2:
        data = open(words[1], "rb").read()
        start = time.perf_counter_ns()
        environment = wasm3.Environment()
        runtime = environment.new_runtime(1 << 20)
        runtime.load(environment.parse_module(data))
        return f"ok {time.perf_counter_ns() - start} 0"
    if words[0] == "call" and len(words) == 3 and runtime:
        function = runtime.find_function(words[1])
        start = time.perf_counter_ns()
        result = function(int(words[2]))
        return f"ok {time.perf_counter_ns() - start} {result & (1 << 64) - 1}"
    raise ValueError("expected `load FILE` or `call NAME N`")


for line in sys.stdin:
    try:
        reply = answer(line.split())
    except Exception as error:  # whatever the engine throws becomes the reply
        reply = "error " + str(error).replace("\n", " ")
    print(reply, flush=True)
