"""The shim's side of the channel, messages, and little macro crates in WebAssembly."""

import ctypes
import mmap
import os
import struct
import subprocess
import time

import common
from common import BUILD, MAP_SIZE, OUT, PATIENCE, Worker

EXPAND, ANSWER, DONE, PANIC, DISPLAY = 1, 2, 16, 17, 33
QUESTION, REPLY, FAILURE = 2, 3, 4
NONE = 0xFFFFFFFF
CAPACITY = (MAP_SIZE - 4096) // 2
SYS_FUTEX, FUTEX_WAKE = 202, 1
PLAIN = os.path.join(BUILD, "bin", "glovebox-worker")


def message(operation, body, texts=(), version=1):
    ends, pool = [], b""
    for text in texts:
        pool += text if isinstance(text, bytes) else text.encode()
        ends.append(len(pool))
    words = [operation | version << 16, len(body), len(ends), len(pool), *body, *ends]
    return struct.pack(f"<{len(words)}I", *words) + pool + bytes(-len(pool) % 4)


def expand(index=0, pieces=()):
    return message(EXPAND, [index, 1, 0, len(pieces), *pieces, 0])


def groups(count):
    """Pieces of the input with that many groups in it: each is an origin of its own."""
    pieces = []
    for i in range(count):
        pieces += [3, 0, 0, 0, i + 1, 0]
    return pieces


class Talk:
    """A worker with an artifact, ready to expand."""

    def __init__(self, artifact, digest=None, program=PLAIN, wall="on", time_limit=5000, memory=1 << 28, home=None):
        self.worker = Worker(program, [
            f"--artifact={artifact}", f"--digest={digest or common.digest_of(artifact)}", "--package=vicious",
            "--version=1.0.0", f"--kernel-wall={wall}", f"--time-limit={time_limit}", f"--memory-limit={memory}"],
            {"GLOVEBOX_HOME": home} if home else {"HOME": "/nonexistent"})
        self.map = mmap.mmap(self.worker.map, MAP_SIZE)
        self.anchor = ctypes.c_char.from_buffer(self.map)
        self.ready = self.worker.answer()

    def _word(self, at, value=None):
        if value is None:
            return struct.unpack_from("<I", self.map, at)[0]
        struct.pack_into("<I", self.map, at, value)

    def send(self, data):
        assert len(data) <= CAPACITY
        self.map[4096:4096 + len(data)] = data
        for at, value in ((4, 1), (8, len(data)), (12, len(data)), (16, 0), (0, 1)):
            self._word(at, value)
        common.libc.syscall(SYS_FUTEX, ctypes.c_void_p(ctypes.addressof(self.anchor)), FUTEX_WAKE, 1, None, None, 0)

    def receive(self):
        """(kind, bytes, second section), or None when the worker ended."""
        end = time.monotonic() + PATIENCE
        got, start = b"", 4096 + CAPACITY
        while True:
            while self._word(64) != 1:
                if self.worker.process.poll() is not None and self._word(64) != 1:
                    return None
                if time.monotonic() > end:
                    raise TimeoutError("the worker says nothing")
                time.sleep(0.0003)
            kind, part, first, second = (self._word(64 + at) for at in (4, 8, 12, 16))
            got += self.map[start:start + part]
            self._word(64, 0)
            if len(got) >= first + second:
                return kind, got[:first], got[first:]
            address = ctypes.addressof(self.anchor) + 64
            common.libc.syscall(SYS_FUTEX, ctypes.c_void_p(address), FUTEX_WAKE, 1, None, None, 0)

    def expand(self, index=0, pieces=(), data=None):
        self.send(data if data is not None else expand(index, pieces))
        return self.receive()

    def end(self):
        del self.anchor
        self.map.close()
        self.worker.socket.close()
        try:
            self.worker.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.worker.process.kill()
            self.worker.process.wait()
        status = self.worker.process.returncode
        self.worker.process.stderr.close()
        self.worker.close()
        return status


def leb(number):
    out = b""
    while True:
        out += bytes([number & 127 | (128 if number > 127 else 0)])
        number >>= 7
        if not number:
            return out


def section(kind, content):
    return bytes([kind]) + leb(len(content)) + content


def records(names):
    lines = "".join(f"function\t{name}\t\t{name}\t{name}\tsrc/lib.rs\t1\t1\t\n" for name in names).encode()
    return section(0, leb(len("glovebox.macros")) + b"glovebox.macros" + lines)


def assemble(wat, names, name, checked=True):
    """A macro crate of a module's text; its path."""
    folder = os.path.join(OUT, "modules")
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, name)
    with open(base + ".wat", "w") as file:
        file.write(wat)
    flags = [] if checked else ["--no-check"]
    subprocess.run(["wat2wasm", "--enable-exceptions", *flags, base + ".wat", "-o", base + ".wasm"], check=True)
    with open(base + ".wasm", "ab") as file:
        file.write(records(names))
    return base + ".wasm"


def escaped(data):
    return "".join(f"\\{byte:02x}" for byte in data)


# What every little macro crate begins with: its reply when an attack has worked lies at 16.
GOOD = message(DONE, [0, 0])
HEAD = f"""(module
  (import "glovebox" "reply" (func $reply (param i32 i32)))
  (import "glovebox" "ask" (func $ask (param i32 i32) (result i32)))
  (import "glovebox" "answer" (func $answer (param i32)))
  (import "glovebox" "env_get" (func $env_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "{escaped(GOOD)}")
  (func $took i32.const 16 i32.const {len(GOOD)} call $reply)
  (func (export "_initialize"))
  (func (export "__gbx_alloc") (param i32) (result i32) i32.const 8192)
"""
