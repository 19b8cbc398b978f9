#!/usr/bin/env python3
"""Times macro expansion in rustc: native (Cargo's dev profile, and macros at opt-level 3) beside Glovebox.

For each workload a crate is generated that uses one macro crate many times, and built once each way, to have the macros and to
learn how Cargo calls rustc. Then, round after round, that call is made each way, up to the end of expansion, and rustc's
own time of the pass `macro_expand_crate` is read (`-Z time-passes`). The first round is a warm-up. Ratios are medians of the ratio
within a round. watt (wasm macros interpreted inside rustc) is a peer for serde_derive.
"""
import argparse
import math
import os
import re
import statistics
import subprocess
import sys
import time

from run import add_results

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

# Not part of the mean: what a call costs, and a peer.
IDENTITIES = 5000
IDENTITY = ('identity-macro = { path = "macro" }', "", "identity_macro::identity! { pub const C@: u8 = 1 + 2; }\n", IDENTITIES)
IDENTITY_MACRO = {
    "macro/Cargo.toml": '[package]\nname = "identity-macro"\nversion = "0.0.0"\nedition = "2021"\n\n[lib]\nproc-macro = true\n',
    "macro/src/lib.rs": "#[proc_macro]\npub fn identity(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {\n    tokens\n}\n",
}
# watt takes a tenth of a second and more for each type: six, and ours on the same six.
SIX = "".join(SERDE.partition("pub struct S6 ")[0].rpartition("#[derive")[0])
WATT = ('serde = "=1.0.137"\nwa-serde-derive = "=0.1.137"', "use wa_serde_derive::{Deserialize, Serialize};", SIX, 1)
OTHERS = {"identity": IDENTITY, "watt": WATT, "serde-six": (WORKLOADS["serde"][0], WORKLOADS["serde"][1], SIX, 1)}


def generate(root, name):
    dependencies, prelude, text, count = {**WORKLOADS, **OTHERS}[name]
    folder = os.path.join(root, name)
    files = {
        "Cargo.toml": f'[package]\nname = "w-{name}"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n{dependencies}\n\n[workspace]\n',
        "src/lib.rs": f"#![allow(warnings)]\n{prelude}\n{repeat(text, count)}",
        **(IDENTITY_MACRO if name == "identity" else {}),
    }
    for path, content in files.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not os.path.exists(path) or open(path).read() != content:
            open(path, "w").write(content)
    return folder


class Way:
    """One way to build: a Cargo command, and a target directory of its own."""

    def __init__(self, name, cargo, root, extra=()):
        self.name, self.cargo, self.extra = name, cargo, list(extra)
        self.target = os.path.join(root, "target-" + name)

    def environment(self, folder):
        """Only the measured crate may use what its compiler has not stabilised: macros are built as on stable Rust."""
        crate = "w_" + os.path.basename(folder).replace("-", "_")
        return dict(os.environ, CARGO_TARGET_DIR=self.target, RUSTC_BOOTSTRAP=crate)

    def prepare(self, folder):
        """Builds the crate at `folder` and returns the shell command by which Cargo had rustc compile it."""
        os.utime(os.path.join(folder, "src/lib.rs"))
        command = [*self.cargo, "rustc", "-vv", "--profile", "dev", "--lib", *self.extra, "--", "-Zno-analysis"]
        done = subprocess.run(command, cwd=folder, env=self.environment(folder), capture_output=True, text=True)
        calls = [call for call in re.findall(r"Running `(.*?)`\n", done.stderr, re.S) if "--crate-name w_" in call]
        if not calls:
            sys.exit(f"bench: {self.name} could not build {folder}:\n{done.stderr[-3000:]}")
        call = re.sub(r"(-C incremental=|--error-format=|--json=)\S+", "", calls[-1])
        call = re.sub(r"\S*/cargo-glovebox (?=\S*rustc )", "", call)  # which would only become rustc
        return re.sub(r"--emit=\S+", "--emit=metadata", call) + " -Ztime-passes -Ztime-passes-format=json"

    def start(self, folder, call, prefix):
        # `exec` behind the variables: the process is rustc, whose child the worker is.
        call = re.sub(r"^((?:\w+=(?:'[^']*'|\S*) )*)", rf"\1 exec {prefix} ", call, count=1)
        return subprocess.Popen(["sh", "-c", call], cwd=folder, env=self.environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def expand(self, folder, call, prefix):
        """Seconds of macro_expand_crate, and by how many MB rustc grew meanwhile."""
        said = self.start(folder, call, prefix).communicate()[0]
        found = re.findall(r'"pass":"macro_expand_crate","time":([0-9.]+),"rss_start":(\d+),"rss_end":(\d+)', said)
        if not found:
            sys.exit(f"bench: {self.name} could not compile {folder}:\n{said[-3000:]}")
        seconds, before, after = found[-1]
        return float(seconds), (int(after) - int(before)) / 1e6


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def wait_for_code():
    """Until the processes that keep machine code for the next time have ended."""
    home = os.environ.get("GLOVEBOX_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "glovebox")
    code = os.path.join(home, "code")
    for _ in range(600):
        if not any(name.endswith(".incoming") for name in (os.listdir(code) if os.path.isdir(code) else [])):
            return
        time.sleep(0.1)


def measure(root, name, ways, repetitions, prefix):
    """{way: [(seconds, MB)]}, the rounds interleaved."""
    folder = generate(root, name)
    calls = {way: way.prepare(folder) for way in ways}
    found = {way.name: [] for way in ways}
    wait_for_code()
    for repetition in range(repetitions + 1):
        for way in ways:
            result = way.expand(folder, calls[way], prefix)
            if repetition:
                found[way.name].append(result)
    return found


def ratios(found, way, to):
    return [a[0] / b[0] for a, b in zip(found[way], found[to])]


def row(name, found, columns):
    cells = []
    for way in columns:
        cells.append(f"{statistics.median(s for s, _ in found[way]) * 1e3:10.0f} ms" if way in found else f"{'-':>13}")
    for to in ("native-dev", "native-opt3"):
        if "glovebox" in found and to in found:
            values = ratios(found, "glovebox", to)
            cells.append(f"{statistics.median(values):8.2f} ({min(values):.2f}-{max(values):.2f})")
    print(f"{name:16}" + "".join(cells), flush=True)


def status(pid, key):
    with open(f"/proc/{pid}/status") as file:
        return next((line.split()[1] for line in file if line.startswith(key + ":")), None)


def worker_peak(way, root):
    """MB that the worker held at most while the serde crate was expanded."""
    folder = generate(root, "serde")
    rustc = way.start(folder, way.prepare(folder), "")
    peak, worker = 0, None
    while rustc.poll() is None:
        try:
            for pid in filter(str.isdigit, os.listdir("/proc")) if worker is None else ():
                if status(pid, "PPid") == str(rustc.pid) and status(pid, "Name") == "glovebox-worker":
                    worker = pid
            if worker:
                peak = max(peak, int(status(worker, "VmHWM") or 0) / 1e3)
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.005)
    return peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default="build/bench/macros")
    parser.add_argument("--glovebox", default="build/bin/cargo-glovebox")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--only", action="append", help="a workload")
    parser.add_argument("--prefix", default="", help="goes before each measured rustc: `nice -n -20`, say, where other work goes on")
    parser.add_argument("--output", help="add the results to this JSON file")
    options = parser.parse_args()
    root = os.path.abspath(options.root)
    os.makedirs(root, exist_ok=True)
    host = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True))[1]
    dev = Way("native-dev", ["cargo"], root, ["--target", host])
    opt3 = Way("native-opt3", ["cargo"], root, ["--target", host, "--config", "profile.dev.build-override.opt-level=3"])
    ours = Way("glovebox", [os.path.abspath(options.glovebox), "glovebox"], root)
    columns = ["native-dev", "native-opt3", "glovebox"]
    print(f"{'expansion of':16}" + "".join(f"{name:>13}" for name in columns) + f"{'/dev':>20}{'/opt3':>20}", flush=True)
    keys, mixed = {}, []
    for name in options.only or [*WORKLOADS, "identity", "watt"]:
        ways = [dev, opt3] if name == "watt" else [dev, opt3, ours] if name in ("serde", "identity") else [dev, ours]
        found = measure(root, name, ways, options.repetitions, options.prefix)
        row(name, found, columns)
        if name == "serde":
            keys["expand_vs_native_dev"] = statistics.median(ratios(found, "glovebox", "native-dev"))
            keys["expand_vs_native_opt3"] = statistics.median(ratios(found, "glovebox", "native-opt3"))
            growth = {way: statistics.median(mb for _, mb in found[way]) for way in columns}
            keys["worker_rss_mb"] = worker_peak(ours, root)
            print(f"{'':16}rustc grows by {growth['native-dev']:.0f} MB natively, by {growth['glovebox']:.0f} MB in front of a worker of at most "
                  f"{keys['worker_rss_mb']:.1f} MB")
        elif name == "identity":
            extra = [(a[0] - b[0]) / IDENTITIES * 1e6 for a, b in zip(found["glovebox"], found["native-opt3"])]
            keys["call_overhead_us"] = statistics.median(extra)
            print(f"{'':16}{IDENTITIES} calls: {keys['call_overhead_us']:.1f} us each beyond native's ({min(extra):.1f}-{max(extra):.1f})")
        elif name == "watt":
            six = measure(root, "serde-six", [dev, opt3, ours], options.repetitions, options.prefix)
            row("serde-six", six, columns)
        else:
            mixed.append(ratios(found, "glovebox", "native-dev"))
    if len(mixed) >= 12:
        rounds = [geometric_mean(values) for values in zip(*mixed)]
        keys["expand_mixed_vs_native_dev"] = statistics.median(rounds)
        print(f"{len(mixed)} others, geometric mean: {statistics.median(rounds):.3f} ({min(rounds):.3f}-{max(rounds):.3f})")
    for key, value in keys.items():
        print(f"{key}: {value:.3f}")
    add_results(options.output, keys)


if __name__ == "__main__":
    main()
