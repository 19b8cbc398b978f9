#!/usr/bin/env python3
"""How fast modules become code, ours beside V8's baseline compiler, and fresh instances from an image.

One thread each, eager, validation included; processor time, so that other work on the machine counts little. Rounds
are interleaved, the first is a warm-up. Speeds are of the medians, ratios are medians of the ratio within a round.
"""
import argparse
import os
import shlex
import statistics
import sys

from run import Engine, add_results


def ask(engine, line):
    answer = engine.ask(line)
    if answer is None:
        sys.exit(f"bench: {engine.name} cannot do: {line}")
    return answer


def compile_rounds(ours, theirs, modules, repetitions):
    """{module: [(our ns, their ns)]} and {module: bytes of code}"""
    times, sizes = {}, {}
    for repetition in range(repetitions + 1):
        for module in modules:
            took, sizes[module] = ask(ours, f"compile {module}")
            their_time = ask(theirs, f"compile {module}")[0]
            if repetition:
                times.setdefault(module, []).append((took, their_time))
    return times, sizes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help="command of our driver")
    parser.add_argument("--liftoff", required=True, help="command of V8's, baseline only, one thread")
    parser.add_argument("--module", action="append", required=True, help="the first is serde_derive's")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--instances", type=int, default=2000)
    parser.add_argument("--output", help="add the results to this JSON file")
    options = parser.parse_args()
    ours = Engine("ours", shlex.split(options.ours))
    theirs = Engine("liftoff", shlex.split(options.liftoff))
    modules = [os.path.abspath(m) for m in options.module]
    times, sizes = compile_rounds(ours, theirs, modules, options.repetitions)
    speeds, ratios = [], []
    print(f"{'compiled, one thread':28}{'MB of code':>12}{'ours MB/s':>12}{'Liftoff MB/s':>14}{'ratio':>8}")
    for module in modules:
        size = sizes[module] * 1e3
        speed = size / statistics.median(a for a, _ in times[module])
        their_speed = size / statistics.median(b for _, b in times[module])
        each = [b / a for a, b in times[module]]
        speeds.append(speed)
        ratios.append(statistics.median(each))
        print(f"{os.path.basename(module):28}{size / 1e9:12.2f}{speed:12.1f}{their_speed:14.1f}{ratios[-1]:8.2f}"
              f"  (spread {min(each):.2f}..{max(each):.2f})")
    fresh = [ask(ours, f"instantiate {modules[0]} {options.instances}")[0] / options.instances / 1e3
             for _ in range(options.repetitions)]
    # The slower of the modules is what is reported.
    found = {"compile_mb_per_s": min(speeds), "compile_vs_liftoff": min(ratios), "instantiate_us": statistics.median(fresh)}
    for key, value in found.items():
        print(f"{key}: {value:.2f}")
    add_results(options.output, found)


if __name__ == "__main__":
    main()
