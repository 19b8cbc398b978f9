"""A worker that is not ours, or no longer: tests/worker/fake_worker.c behind a real shim and compiler. Shown
with one that only copies: what it says is believed."""

import atexit
import os
import shutil
import subprocess
import tempfile

from common import BUILD, OUT, TOP, Attack, Result, digest_of
from macros import rustc

FAKE = os.path.join(BUILD, "test", "fake-worker")
SOURCE = "mac::func!(a);\n\n    #[derive(mac::Derive)] struct S;\nfn main() {}\n"
MODES = {
    "is killed instead of answering": ("kill", "its worker ended unexpectedly (signal: 9"),
    "ends instead of answering": ("die", "its worker ended unexpectedly (exit status: 3)"),
    "ends before it greets": ("deaf", "its worker ended unexpectedly"),
    "greets with another magic": ("magic", "no worker of Glovebox"),
    "is of another build": ("build=0123456789", "its worker is of build 0123456789"),
    "sends a message of no kind": ("kind=9", "a message is of no known kind"),
    "sends a reply as a question": ("kind=2", "its worker sent garbage"),
    "sends a reply cut short": ("cut=4", "its worker sent garbage"),
    "sends less than a header": ("cut=20", "its worker sent garbage"),
    "sends another version": ("word=0,0x20010", "its version is another"),
    "sends an operation that is no reply": ("word=0,0x10020", "is no reply"),
    "sends recipes that are not there": ("word=4,1", "its worker sent garbage"),
    "sends a stream longer than its body": ("word=5,0x7fffffff", "its worker sent garbage"),
    "sends a piece that is none": ("word=6,15", "its worker sent garbage"),
    "sends a text that is not there": ("word=7,0x10000", "its worker sent garbage"),
    "sends a span that is not there": ("word=8,0x7fffffff", "its worker sent garbage"),
}


class Impostor:
    """A real shim and compiler before a worker of our choosing."""

    def __init__(self, worker=FAKE, artifact=None):
        self.worker, self.artifact = worker, artifact or "/nonexistent.wasm"
        self.digest = digest_of(artifact) if artifact else "00"
        self.compiler = rustc()
        os.makedirs(OUT, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix="impostor-", dir=OUT)
        atexit.register(shutil.rmtree, self.folder, True)
        self.build = subprocess.run([FAKE if worker == FAKE else os.path.join(BUILD, "bin", "glovebox-worker"), "--build"], check=True, capture_output=True, text=True).stdout.strip()
        version = subprocess.run([self.compiler, "--version"], check=True, capture_output=True, text=True).stdout
        minor = int(version.split()[1].split(".")[1])
        flags = [word for release in (88, 94) if minor >= release for word in ("--cfg", f"rust_1_{release}")]
        self._rustc("--crate-name", "glovebox_shim", "--crate-type", "rlib", "-O", *flags,
                    os.path.join(TOP, "shim", "lib.rs"))

    def _rustc(self, *words, environment=None):
        return subprocess.run([self.compiler, "--edition", "2021", "--out-dir", self.folder, *words], capture_output=True,
                              text=True, check=True, env={**os.environ, **(environment or {})})

    def macros(self, crate, mode="identity"):
        """Compiles the macro crate `mac`: a source of tests/worker/crates."""
        self._rustc("--crate-type", "proc-macro", "--crate-name", "mac", "--extern",
                    f"glovebox_shim={self.folder}/libglovebox_shim.rlib", "--extern", "proc_macro",
                    os.path.join(TOP, "tests", "worker", "crates", crate),
                    environment={"T_WORKER": self.worker, "T_BUILD": self.build, "T_ARTIFACT": self.artifact,
                                 "T_DIGEST": self.digest, "T_ARGUMENT": f"--fake={mode}", "T_TIME": "20000",
                                 "T_MEMORY": "268435456", "T_WALL": "on"})

    def use(self, source, environment=None):
        """Compiles a source against it: (exit code, standard error)."""
        path = os.path.join(self.folder, "user.rs")
        with open(path, "w") as file:
            file.write(source)
        user = subprocess.run([self.compiler, "--edition", "2021", "--crate-name", "user", "--emit", "metadata", "--out-dir",
                               self.folder, "--extern", f"mac={self.folder}/libmac.so", path], capture_output=True, text=True,
                              timeout=300, env={**os.environ, **(environment or {})})
        return user.returncode, user.stderr

    def compile(self, mode, source=SOURCE):
        self.macros("shim.rs", mode)
        return self.use(source)

    def believed(self):
        """The macro's `a` is the input's: the compiler's own word about it shows that it arrived."""
        status, text = self.compile("copy")
        return Result(status == 1 and "sandbox" not in text and "expected" in text, text)

    def attempt(self, mode):
        status, text = self.compile(mode)
        alive = status == 1 and "panicked" not in text and "internal compiler error" not in text
        errors = sum(line.startswith("error") for line in text.splitlines())
        return Result(not alive or errors != 3, text)

    def sweep(self):
        """900 replies, one word of each replaced."""
        calls = "".join(f"mac::func!({i} fn f{i}<'a>(x: &'a [u8; 1]) -> u8 {{ r#\"raw\"#.len() as u8 + x[0] }});\n"
                        for i in range(900))
        status, text = self.compile("sweep", calls + "fn main() {}\n")
        refused = text.count("its worker sent garbage")
        good = status == 1 and refused >= 500 and "panicked" not in text and "internal compiler error" not in text
        return Result(not good, f"{refused} of 900 replies refused: its worker sent garbage")


def all_of(decoys):
    impostor = Impostor()
    believed = impostor.believed()
    for title, (mode, says) in MODES.items():
        yield Attack("impostors", f"a worker {title}", "that difference", lambda: believed,
                     lambda mode=mode: impostor.attempt(mode), says)
    yield Attack("impostors", "a worker changes every word of its replies", "that difference", lambda: believed,
                 impostor.sweep, "its worker sent garbage")
