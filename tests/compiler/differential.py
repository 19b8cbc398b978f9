#!/usr/bin/env python3
"""Many random modules through the interpreter, the compiler in all its configurations, and V8.

    differential.py --diff BINARY [--first SEED] [--own COUNT] [--binaryen COUNT]

Module number N is made of seed N alone: by our generator (tests/compiler/generate.c), or by binaryen's
(`wasm-opt -ttf`) from bytes drawn with that seed. `diff -o` runs a batch in our tiers and keeps modules
and transcripts, `diff.js` compares them with V8. What differs is kept in --findings and the exit status is 1.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
# No reference types: to this generator a funcref is an externref, as it was in the proposal once.
FEATURES = ["bulk-memory", "simd", "nontrapping-float-to-int", "sign-ext", "multivalue", "mutable-globals"]


def binaryen_modules(first, count, folder):
    """Writes modules; wasm-opt gives up on some inputs, which are left out. Returns the paths."""
    paths = []
    for seed in range(first, first + count):
        source, path = os.path.join(folder, "input"), os.path.join(folder, f"binaryen-{seed}.wasm")
        draw = random.Random(seed)
        with open(source, "wb") as file:
            file.write(draw.randbytes(draw.randrange(200, 6000)))
        # Without NaNs: the standard leaves their bits open, and memory would show them.
        command = ["wasm-opt", "-ttf", source, "-o", path, "--denan"] + [f"--enable-{f}" for f in FEATURES]
        if seed % 3 == 0:
            command.append("-O1")
        if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0 and os.path.exists(path):
            paths.append(path)
    return paths


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    summary = lines[-1] if lines else f"nothing said, status {done.returncode}: {done.stderr[-200:]}"
    words = summary.split()
    ok = done.returncode == 0 and len(words) == 5 and words[3] == "0"
    return ok, int(words[1]) if len(words) == 5 else 0, done.stdout


def batch(options, kind, first, count):
    """Returns (modules that passed everywhere, whether all did)."""
    with tempfile.TemporaryDirectory(prefix="differential") as folder:
        kept = os.path.join(folder, "kept")
        inputs = os.path.join(folder, "inputs")
        os.mkdir(kept)
        os.mkdir(inputs)
        if kind == "own":
            arguments = ["-s", str(first), "-n", str(count)]
        else:
            arguments = binaryen_modules(first, count, inputs)
        ok, _, said = run([options.diff, "-o", kept] + arguments)
        ok_v8, passed, said_v8 = run([options.node] + options.node_flag + [os.path.join(HERE, "diff.js"), kept])
        if not (ok and ok_v8):
            print(said if not ok else said_v8, flush=True)
            where = os.path.join(options.findings, f"{kind}-{first}")
            shutil.copytree(folder, where, dirs_exist_ok=True)
            print(f"kept in {where}", flush=True)
        return passed, ok and ok_v8


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--diff", required=True, help="the test program of tests/compiler/diff.c")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--own", type=int, default=0)
    parser.add_argument("--binaryen", type=int, default=0)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--node", default="node")
    parser.add_argument("--node-flag", action="append", default=[])
    parser.add_argument("--findings", default="build/differential")
    options = parser.parse_args()
    all_ok = True
    totals = {}
    for kind, count in (("own", options.own), ("binaryen", options.binaryen)):
        for at in range(0, count, options.batch):
            size = min(options.batch, count - at)
            passed, ok = batch(options, kind, options.first + at, size)
            totals[kind] = totals.get(kind, 0) + passed
            all_ok &= ok
            print(f"{kind}: seeds {options.first} to {options.first + at + size - 1}: {totals[kind]} modules, "
                  f"{'no difference' if all_ok else 'DIFFERENCES'}", flush=True)
    sys.exit(not all_ok)


if __name__ == "__main__":
    main()
