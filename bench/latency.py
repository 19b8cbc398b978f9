#!/usr/bin/env python3
"""What a worker costs besides expanding: its start, the first answer, the kernel's wall, a build around it.

Sides are interleaved, the first round is a warm-up, values are medians; the table has the spread as well. Cold: a cache without
machine code, the files in memory. Warm: with it.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from run import add_results


def start(options, artifact, home, wall, roundtrips=0):
    """Microseconds until ready, until the first answer, of a round trip."""
    command = [*options.prefix.split(), options.driver, options.worker, artifact, wall, str(roundtrips)]
    done = subprocess.run(command, env=dict(os.environ, GLOVEBOX_HOME=home), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: {done.stderr}")
    return [float(word) for word in done.stdout.split()]


def wait_for_code(home):
    """Until the process that keeps machine code for the next time has ended, so that it disturbs nobody."""
    code = os.path.join(home, "code")
    for _ in range(600):
        names = os.listdir(code) if os.path.isdir(code) else []
        if names and all(name.endswith(".code") for name in names):
            return True
        time.sleep(0.1)
    return False


def starts(options, keys):
    cold, warm, without, on, off = [], [], [], [], []
    with tempfile.TemporaryDirectory() as root:
        kept = os.path.join(root, "kept")
        start(options, options.artifact, kept, "on")
        if not wait_for_code(kept):
            print("bench: no machine code was kept")
        for repetition in range(options.repetitions + 1):
            home = os.path.join(root, str(repetition))
            round_cold = start(options, options.artifact, home, "on")
            wait_for_code(home)
            round_on = start(options, options.artifact, kept, "on", 3000)
            round_off = start(options, options.artifact, kept, "off", 3000)
            if repetition:
                cold.append(round_cold[1] / 1e3)
                warm.append(round_on[1] / 1e3)
                on.append(round_on)
                off.append(round_off)
    keys["first_expansion_ms_cold"] = show("first answer, cold", cold, "ms")
    keys["first_expansion_ms_warm"] = show("first answer, warm", warm, "ms")
    keys["walls_start_ms"] = show("start behind the wall, beyond without", [(a[0] - b[0]) / 1e3 for a, b in zip(on, off)], "ms")
    show("round trip of a small derive, wall on", [a[2] for a in on], "us")
    show("the same, wall off", [b[2] for b in off], "us")
    keys["walls_expand_us"] = show("an expansion behind the wall, beyond without", [a[2] - b[2] for a, b in zip(on, off)], "us")


def show(what, values, unit):
    middle = statistics.median(values)
    print(f"{what:48}{middle:10.2f} {unit:6} ({min(values):.2f} to {max(values):.2f})", flush=True)
    return middle


def check(command, folder, target, prefix):
    os.utime(os.path.join(folder, "src/main.rs"))
    begin = time.monotonic()
    subprocess.run([*prefix.split(), *command, "check", "--quiet"], cwd=folder, env=dict(os.environ, CARGO_TARGET_DIR=target), check=True)
    return time.monotonic() - begin


def build(options, keys):
    """The demo, one file touched: everything but its own crate is up to date."""
    root = os.path.abspath(os.path.dirname(options.driver))
    folder = os.path.join(root, "demo")
    shutil.copytree("examples/demo", folder, dirs_exist_ok=True)
    sides = {"plain": ["cargo"], "glovebox": [os.path.abspath(options.glovebox), "glovebox"]}
    times = {side: [] for side in sides}
    for repetition in range(options.repetitions + 2):  # the first builds it all, the second warms up
        for side, command in sides.items():
            seconds = check(command, folder, os.path.join(root, "demo-" + side), options.prefix)
            if repetition > 1:
                times[side].append(seconds)
    show("check of the demo after a touch, plain", [t * 1e3 for t in times["plain"]], "ms")
    show("the same in the sandbox", [t * 1e3 for t in times["glovebox"]], "ms")
    keys["build_overhead"] = show("ratio", [a / b for a, b in zip(times["glovebox"], times["plain"])], "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True, help="bench/worker.c, compiled")
    parser.add_argument("--worker", default="build/bin/glovebox-worker")
    parser.add_argument("--glovebox", default="build/bin/cargo-glovebox")
    parser.add_argument("--artifact", required=True, help="serde_derive's")
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--prefix", default="", help="goes before what is measured: `nice -n -20`, say, where other work goes on")
    parser.add_argument("--output", help="add the results to this JSON file")
    options = parser.parse_args()
    for name in ("driver", "worker", "artifact"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    keys = {}
    starts(options, keys)
    build(options, keys)
    add_results(options.output, keys)


if __name__ == "__main__":
    main()
