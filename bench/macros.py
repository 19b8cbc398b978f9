#!/usr/bin/env python3
"""Times macro expansion in rustc: native (Cargo's dev profile, and macros at opt-level 3) beside Glovebox.

For each workload a crate is generated that uses one macro crate many times. Each is built once three
ways; then, round after round, the crate alone is compiled again each way and rustc's own time of the
pass `macro_expand_crate` is read (`-Z time-passes`). Medians of the ratios within a round are printed.
"""
import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys

SERDE = "".join(
    f"#[derive(Serialize, Deserialize)]\npub struct S{i} {{\n"
    + "".join(f"    pub f{j}: {t},\n" for j, t in enumerate(
        ["u32", "String", "Option<u64>", "Vec<u8>", "bool", "(i32, i64)", "Box<str>", "f64"]))
    + "}\n" for i in range(500)) + "".join(
    f"#[derive(Serialize, Deserialize)]\npub enum E{i} {{\n    A,\n    B(u32),\n    C(String, u8),\n"
    "    D { x: i32, y: Option<String> },\n    E(Vec<u64>),\n    F,\n}\n" for i in range(100))


def repeat(text, count):
    return "".join(text.replace("@", str(i)) for i in range(count))


# name: (dependencies, prelude, text with @ for the number, how many)
WORKLOADS = {
    "serde": ('serde = { version = "=1.0.228", features = ["derive"] }', "use serde::{Deserialize, Serialize};", SERDE, 1),
    "thiserror": ('thiserror = "2"', "", """#[derive(Debug, thiserror::Error)]
pub enum Error@ { #[error("io: {0}")] Io(#[from] std::io::Error), #[error("at {line}: {text:?}")] Parse { line: u32, text: String },
#[error("other")] Other, #[error(transparent)] Fmt(#[from] std::fmt::Error) }
""", 300),
    "clap": ('clap = { version = "4", features = ["derive", "env"] }', "", """/// A program
#[derive(clap::Parser)] #[command(version, about)] pub struct Args@ { /// Name
#[arg(short, long)] pub name: String, /// Count
#[arg(short, long, default_value_t = 1)] pub count: u8, #[arg(long, env = "X")] pub x: Option<String>, pub files: Vec<std::path::PathBuf> }
""", 150),
    "tracing": ('tracing = "0.1"', "", """#[tracing::instrument(skip(b), fields(n = a + 1))] pub fn traced@(a: u32, b: &str) -> Result<u32, String> {
let mut sum = 0; for i in 0..a { if i % 3 == 0 { sum += i; } else { sum ^= b.len() as u32; } } Ok(sum) }
""", 300),
    "async-trait": ('async-trait = "0.1"', "", """#[async_trait::async_trait] pub trait T@ { async fn one(&self, x: u32) -> u32; async fn two<'a>(&'a mut self, s: &'a str) -> &'a str { s } }
pub struct I@; #[async_trait::async_trait] impl T@ for I@ { async fn one(&self, x: u32) -> u32 { let y = x + 1; y * 2 } }
""", 200),
    "derive_more": ('derive_more = { version = "2", features = ["full"] }', "", """#[derive(derive_more::Display, derive_more::From, derive_more::Add, Clone, Copy)] #[display("<{_0}>")] pub struct M@(u32);
#[derive(derive_more::Debug, derive_more::IsVariant)] pub enum N@ { A(u32), B { x: i8 }, C }
""", 200),
    "strum": ('strum = { version = "0.27", features = ["derive"] }', "", """#[derive(strum::EnumString, strum::Display, strum::EnumIter, strum::IntoStaticStr)] #[strum(serialize_all = "kebab-case")]
pub enum K@ { FirstOne, #[strum(serialize = "two")] Second, Third(u32), Fourth { x: u8 } }
""", 200),
    "pin-project": ('pin-project = "1"', "", """#[pin_project::pin_project(project = P@Proj)] pub struct P@<T, U> { #[pin] pub a: T, pub b: U, pub c: u32 }
""", 300),
    "derive_builder": ('derive_builder = "0.20"', "", """#[derive(derive_builder::Builder, Clone)] #[builder(setter(into))] pub struct B@ { pub a: String, #[builder(default = "3")] pub b: u32, pub c: Option<Vec<u8>> }
""", 200),
    "typed-builder": ('typed-builder = "0.21"', "", """#[derive(typed_builder::TypedBuilder)] pub struct TB@ { pub a: String, #[builder(default)] pub b: u32, #[builder(default, setter(strip_option))] pub c: Option<u8> }
""", 150),
    "zerocopy": ('zerocopy = { version = "0.8", features = ["derive"] }', "", """#[derive(zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable, zerocopy::KnownLayout)] #[repr(C)] pub struct Z@ { pub a: u32, pub b: [u8; 4], pub c: u64 }
""", 150),
    "tokio": ('tokio = { version = "1", features = ["macros", "rt", "rt-multi-thread"] }', "", """#[tokio::main] pub async fn main@() { let mut sum = 0u64; for i in 0..10u64 { sum += i; if sum > 7 { println!("{sum}"); } } assert_eq!(sum, 45); }
""", 300),
    "displaydoc": ('displaydoc = "0.2"', "", """/// The thing {0}
#[derive(displaydoc::Display)] pub struct D@(u32);
#[derive(displaydoc::Display)] pub enum DE@ { /// first {x}
A { x: u8 }, /// second
B }
""", 250),
    "enumflags2": ('enumflags2 = "0.7"', "", """#[enumflags2::bitflags] #[repr(u16)] #[derive(Clone, Copy)] pub enum F@ { A = 1, B = 2, C = 4, D = 8, E = 16 }
""", 250),
    "educe": ('educe = { version = "0.6", features = ["full"] }', "", """#[derive(educe::Educe)] #[educe(Debug, Clone, PartialEq, Hash, Default)] pub struct ED@ { pub a: u32, #[educe(Debug(ignore))] pub b: String, #[educe(PartialEq(ignore))] pub c: Vec<u8> }
""", 150),
}


def generate(root, name):
    dependencies, prelude, text, count = WORKLOADS[name]
    folder = os.path.join(root, name)
    os.makedirs(os.path.join(folder, "src"), exist_ok=True)
    files = {
        "Cargo.toml": f'[package]\nname = "w-{name}"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n{dependencies}\n\n[workspace]\n',
        "src/lib.rs": f"#![allow(warnings)]\n{prelude}\n{repeat(text, count)}",
    }
    for path, content in files.items():
        path = os.path.join(folder, path)
        if not os.path.exists(path) or open(path).read() != content:
            open(path, "w").write(content)
    return folder


class Way:
    """One way to build: a Cargo command, environment and target directory of its own."""

    def __init__(self, name, cargo, root, extra=()):
        self.name, self.cargo, self.extra = name, cargo, list(extra)
        self.target = os.path.join(root, "target-" + name)

    def compile(self, folder):
        """Compiles the crate at `folder` again and returns the seconds of macro_expand_crate."""
        os.utime(os.path.join(folder, "src/lib.rs"))
        environment = dict(os.environ, CARGO_TARGET_DIR=self.target)
        command = [*self.cargo, "rustc", "--profile", "dev", "--lib", *self.extra, "--", "--emit=metadata",
                   "-Ztime-passes", "-Ztime-passes-format=json"]
        environment["RUSTC_BOOTSTRAP"] = "1"
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        found = re.findall(r'"pass":"macro_expand_crate","time":([0-9.]+)', done.stdout + done.stderr)
        if done.returncode or not found:
            sys.exit(f"bench: {self.name} could not build {folder}:\n{done.stderr[-3000:]}")
        return float(found[-1])


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default="build/bench/macros")
    parser.add_argument("--glovebox", default="build/bin/cargo-glovebox")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--only", help="one workload")
    parser.add_argument("--output", help="add the ratios to this JSON file")
    options = parser.parse_args()
    root = os.path.abspath(options.root)
    host = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True))[1]
    native = ["cargo"]
    ways = [Way("native-dev", native, root, ["--target", host]),
            Way("native-opt3", native, root, ["--target", host, "--config", "profile.dev.build-override.opt-level=3"]),
            Way("glovebox", [os.path.abspath(options.glovebox), "glovebox"], root)]
    ratios = {}
    print(f"{'macro_expand_crate':20}" + "".join(f"{w.name:>14}" for w in ways) + f"{'/dev':>9}{'/opt3':>9}")
    for name in [options.only] if options.only else WORKLOADS:
        folder = generate(root, name)
        times = {way.name: [] for way in ways}
        for repetition in range(options.repetitions + 1):
            for way in ways:
                seconds = way.compile(folder)
                if repetition:
                    times[way.name].append(seconds)
        ours = times["glovebox"]
        ratios[name] = [statistics.median(a / b for a, b in zip(ours, times[way]))
                        for way in ("native-dev", "native-opt3")]
        print(f"{name:20}" + "".join(f"{statistics.median(times[w.name]) * 1e3:12.1f}ms" for w in ways)
              + "".join(f"{r:9.2f}" for r in ratios[name]), flush=True)
    found = {}
    if "serde" in ratios:
        found["expand_vs_native_dev"], found["expand_vs_native_opt3"] = ratios["serde"]
    others = [r[0] for name, r in ratios.items() if name != "serde"]
    if len(others) >= 12:
        found["expand_mixed_vs_native_dev"] = geometric_mean(others)
    for key, value in found.items():
        print(f"{key}: {value:.3f}")
    if options.output:
        merged = json.load(open(options.output)) if os.path.exists(options.output) else {}
        merged.update({key: round(value, 4) for key, value in found.items()})
        with open(options.output + ".tmp", "w") as file:
            json.dump(merged, file, indent=2, sort_keys=True)
        os.replace(options.output + ".tmp", options.output)


if __name__ == "__main__":
    main()
