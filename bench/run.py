#!/usr/bin/env python3
"""Runs every engine on every kernel, interleaved, and prints medians and ratios.

Each engine is a process that speaks the line protocol of bench/README.md. One round visits every kernel
and, within it, every engine in turn, so that noise of the machine falls on all alike; the first round is
a warm-up. A ratio is the median over the rounds of (ours / theirs) within the same round.
"""
import argparse
import json
import math
import os
import shlex
import statistics
import subprocess
import sys

KERNELS = ["coremark", "interpreter", "sort", "tokenize", "sha256", "regex", "json", "deflate",
           "gemm", "lu", "jacobi", "floyd", "nbody", "transpose"]


class Engine:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def load(self, module):
        self.module = module
        return self.ask(f"load {module}") is not None

    def call(self, kernel, n):
        """Returns (nanoseconds, result) or None where this engine cannot; it is loaded anew then."""
        answer = self.ask(f"call {kernel} {n}")
        if answer is None:
            self.load(self.module)
        return answer

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            words = self.process.stdout.readline().split()
        except BrokenPipeError:
            words = []
        return (int(words[1]), int(words[2])) if words[:1] == ["ok"] else None


def rounds_for(engine, kernel, seconds):
    """How many rounds of the kernel take about `seconds` on this engine."""
    n = 1
    while n < 1 << 20:
        answer = engine.call(kernel, n)
        if answer is None or answer[0] >= seconds * 5e8:
            break
        n *= 2
    return n


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def measure(engines, module, repetitions, seconds):
    for engine in engines:
        if not engine.load(module):
            sys.exit(f"bench: {engine.name} could not load {module}")
    times = {}
    for kernel in KERNELS:
        n = rounds_for(engines[0], kernel, seconds)
        results = {}
        for repetition in range(repetitions + 1):
            for engine in engines:
                answer = engine.call(kernel, n)
                if answer is None:
                    continue
                results[engine.name] = answer[1]
                if repetition:
                    times.setdefault((kernel, engine.name), []).append(answer[0] / n)
        if len(set(results.values())) != 1:
            sys.exit(f"bench: the engines disagree on {kernel}: {results}")
    return times


def table(times, engines):
    print(f"{'us a round':12}" + "".join(f"{e.name:>14}" for e in engines))
    for kernel in KERNELS:
        cells = []
        for engine in engines:
            values = times.get((kernel, engine.name))
            cells.append(f"{statistics.median(values) / 1e3:14.1f}" if values else f"{'-':>14}")
        print(f"{kernel:12}" + "".join(cells))


def ratio(times, ours, theirs):
    """Geometric mean over the kernels that both ran, and its spread over the repetitions."""
    pairs = [(times[k, ours], times[k, theirs]) for k in KERNELS if (k, theirs) in times and (k, ours) in times]
    if not pairs:
        return None
    per_round = [geometric_mean([a[i] / b[i] for a, b in pairs]) for i in range(len(pairs[0][0]))]
    return {"value": statistics.median(per_round), "low": min(per_round), "high": max(per_round),
            "kernels": len(pairs)}


def add_results(path, found):
    """Adds keys and numbers to the JSON file, if one is named."""
    if not path:
        return
    merged = {}
    if os.path.exists(path):
        with open(path) as file:
            merged = json.load(file)
    merged.update({key: round(value, 4) for key, value in found.items()})
    with open(path + ".tmp", "w") as file:
        json.dump(merged, file, indent=2, sort_keys=True)
    os.replace(path + ".tmp", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", required=True, help="the kernels, compiled")
    parser.add_argument("--engine", action="append", nargs=2, metavar=("NAME", "COMMAND"), required=True)
    parser.add_argument("--ratio", action="append", nargs=3, metavar=("KEY", "OURS", "THEIRS"), default=[])
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.05, help="of one measurement, on the first engine")
    parser.add_argument("--output", help="add the ratios to this JSON file")
    options = parser.parse_args()
    engines = [Engine(name, shlex.split(command)) for name, command in options.engine]
    times = measure(engines, os.path.abspath(options.module), options.repetitions, options.seconds)
    table(times, engines)
    found = {}
    for key, ours, theirs in options.ratio:
        result = ratio(times, ours, theirs)
        if result:
            found[key] = result["value"]
            print(f"{key}: {result['value']:.3f}  (spread {result['low']:.3f}..{result['high']:.3f}, "
                  f"{result['kernels']} kernels)")
    add_results(options.output, found)


if __name__ == "__main__":
    main()
