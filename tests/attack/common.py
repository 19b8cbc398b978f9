"""What the attacks share: decoys, a worker to talk to, and what an attack is.

Every attack aims at decoys in a folder of this run's own, at processes and listeners that it planted.
An attack is shown to work first (natively, or with one protection off), then tried in the sandbox.
"""

import array
import ctypes
import fcntl
import hashlib
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
HERE = os.path.join(TOP, "tests", "attack")
BUILD = os.path.join(TOP, "build")
OUT = os.path.join(BUILD, "attack")
SECRET = "decoy-secret-5f3a9c"
PATIENCE = 60  # seconds that anything here may take at most

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_CHILD_SUBREAPER = 36


class Result:
    """How one try of an attack went. took: it got what it was after, and what that was."""

    def __init__(self, took, text, how=""):
        self.took, self.text, self.how = took, text, how


class Attack:
    """One attack: how it is shown to work, and how it fares in the sandbox.

    shown: what the first try ran without. says: what the refusal must say, one of several."""

    def __init__(self, family, name, shown, first, then, says):
        self.family, self.name, self.shown = family, name, shown
        self.first, self.then = first, then
        self.says = [says] if isinstance(says, str) else list(says)


# ---- decoys -------------------------------------------------------------------------------------------


class Decoys:
    """A home with keys, a process with a secret, listeners on loopback: all of them planted."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="attack-", dir=OUT)
        self.home = os.path.join(self.root, "home")
        self.temporary = os.path.join(self.root, "tmp")
        os.makedirs(self.temporary)
        self.key = self.plant("home/.ssh/id_decoy", SECRET + "\n")
        self.processes = []
        self.listeners = []
        self.greetings = []
        self.marker = os.path.join(self.root, "tmp", "marker")
        self.program = self.plant("bin/program", f"#!/bin/sh\necho TOOK a program >&2\necho x >{self.marker}\n")
        os.chmod(self.program, 0o755)

    def plant(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def process(self):
        """Starts a decoy process: (Popen, address of its secret, its descriptor of the key)."""
        decoy = subprocess.Popen([os.path.join(OUT, "decoy"), SECRET, self.key], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, close_fds=True)
        self.processes.append(decoy)
        _, address, descriptor = decoy.stdout.readline().decode().split()
        return decoy, address, descriptor

    def listen(self, family, kind, address):
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(64)
        self.listeners.append(listener)
        threading.Thread(target=self._serve, args=(listener, kind), daemon=True).start()
        return listener.getsockname()

    def _serve(self, listener, kind):
        try:
            while True:
                if kind == socket.SOCK_STREAM:
                    peer = listener.accept()[0]
                    self.greetings.append(peer.recv(64))
                    peer.close()
                else:
                    self.greetings.append(listener.recv(512))
        except OSError:
            pass

    def snapshot(self):
        """What lies in the decoys' folder: attacks in the sandbox must leave it as it is."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if os.path.join(folder, f) not in self.ours]
            for name in folders + files:
                path = os.path.join(folder, name)
                state = os.lstat(path)
                digest = os.readlink(path) if os.path.islink(path) else ""
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as file:
                        digest = hashlib.sha256(file.read()).hexdigest()
                found[path] = (state.st_mode, state.st_nlink, state.st_size, digest)
        return found

    ours = ()  # folders where builds write

    def remove(self):
        for decoy in self.processes:
            decoy.stdin.close()
            decoy.wait()
        for listener in self.listeners:
            listener.close()
        shutil.rmtree(self.root, ignore_errors=True)


# ---- processes ---------------------------------------------------------------------------------------


def adopt_orphans():
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children():
    """Processes that are ours, by birth or by adoption."""
    found = set()
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/children") as file:
            found.update(int(pid) for pid in file.read().split())
    return found


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def leftovers(known, seconds=20.0):
    """Processes of an attack that do not end; they are ended here. Kept code is made in the background."""
    end = time.monotonic() + seconds
    while True:
        strays = [pid for pid in children() - known if is_alive(pid) and not is_keeper(pid)]
        if not strays or time.monotonic() > end:
            break
        time.sleep(0.01)
    for pid in strays:
        os.kill(pid, signal.SIGKILL)
    for pid in children() - known:
        try:
            os.waitpid(pid, 0 if pid in strays else os.WNOHANG)
        except ChildProcessError:
            pass
    return strays


def is_keeper(pid):
    """A session leader of low priority: keep_code.c's, which ends by itself."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return fields[3] == str(pid) and fields[16] == "10"
    except OSError:
        return True


def bounded():
    """In a child before it runs: what it can cost at most."""
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# ---- a worker, started as a shim starts it -----------------------------------------------------------------

GREETING = 96
MAP_SIZE = 4096 + 2 * (1 << 16)


def build_id():
    return subprocess.run([os.path.join(BUILD, "bin", "glovebox-worker"), "--build"], check=True,
                          capture_output=True, text=True).stdout.strip()


def greeting(build, magic=b"GLOVEBOX", version=1, size=MAP_SIZE):
    return magic + struct.pack("<II", version, size) + build.encode()[:63].ljust(64, b"\0") + bytes(16)


class Worker:
    """A worker and our end of its channel. `hello`: what to greet with, `seals`: what to seal of the map."""

    def __init__(self, program, arguments, environment=None, hello=None, stderr=None, seals=7):
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.map = os.memfd_create("glovebox", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.map, MAP_SIZE)
        if seals:
            fcntl.fcntl(self.map, 1033, seals)
        self.process = subprocess.Popen([program] + arguments, stdin=theirs, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE if stderr is None else stderr,
                                        env=environment or {}, preexec_fn=bounded)
        theirs.close()
        hello = hello if hello is not None else greeting(BUILD_ID)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [self.map]))]
        ours.sendmsg([hello], rights if hello else [])
        ours.settimeout(PATIENCE)

    def answer(self):
        """(status, text) of the worker's greeting; None when it ended instead."""
        try:
            head = self.socket.recv(GREETING, socket.MSG_WAITALL)
            if len(head) < GREETING:
                return None
            status, length = struct.unpack_from("<I", head, 12)[0], struct.unpack_from("<I", head, 80)[0]
            return status, self.socket.recv(length, socket.MSG_WAITALL).decode() if length else ""
        except ConnectionError:
            return None

    def end(self, seconds=PATIENCE):
        """Waits for it: (exit status as subprocess tells it, standard error)."""
        try:
            _, text = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, text = self.process.communicate()
            self.timed_out = True
        self.close()
        return self.process.returncode, (text or b"").decode(errors="replace")

    timed_out = False

    def close(self):
        self.socket.close()
        if self.map >= 0:
            os.close(self.map)
            self.map = -1


BUILD_ID = None


def start():
    global BUILD_ID
    BUILD_ID = build_id()
    adopt_orphans()


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.blake2b(file.read(), digest_size=32).hexdigest()


def how_it_ended(status):
    if status < 0:
        return signal.Signals(-status).name
    return f"exit {status}"
