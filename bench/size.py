#!/usr/bin/env python3
"""What engine, WASI and macro host take in the worker: stripped text and data, from the linker's map.

Strings and other mergeable constants are listed once for all objects; they are counted as if all were the engine's.
"""
import argparse
import collections
import re

from run import add_results

FLOORS = ("engine", "wasi", "macros")
SECTION = re.compile(r"^ (\.\S+)$")
PIECE = re.compile(r"^ (\.\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$")
NOT_LOADED = (".debug", ".comment", ".bss", ".note", ".symtab", ".strtab")


def pieces(path):
    """(section, bytes, object) of everything that is loaded and takes room in the file."""
    with open(path) as file:
        text = file.read().split("Linker script and memory map", 1)[1]
    name = None
    for line in text.split("\n"):
        alone, piece = SECTION.match(line), PIECE.match(line)
        if alone:
            name = alone[1]
        elif piece:
            section = piece[1] or name
            name = None
            if section and int(piece[2], 16) and not section.startswith(NOT_LOADED):
                yield section, int(piece[3], 16), piece[4]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--map", required=True)
    parser.add_argument("--output", help="add the sum to this JSON file")
    options = parser.parse_args()
    sizes = collections.Counter()
    for section, size, item in pieces(options.map):
        floor = re.search(r"obj/src/(\w+)/", item)
        merged = ".str" in section or ".cst" in section
        sizes["strings and constants" if merged else floor[1] if floor else "the rest"] += size
    for floor, size in sizes.most_common():
        print(f"{floor:24}{size:10}")
    total = sum(sizes[floor] for floor in (*FLOORS, "strings and constants"))
    print(f"engine_bytes: {total}")
    add_results(options.output, {"engine_bytes": total})


if __name__ == "__main__":
    main()
