"""Attacks by machine code in the worker: native.c, run by the worker of broken_engine.c."""

import fcntl
import os
import pty
import socket
import subprocess
import termios

from common import OUT, SECRET, Attack, Result, Worker, digest_of, how_it_ended

FILES = """open openat openat2 creat unlink rename link symlink mkdir mknod chmod chown truncate stat newfstatat statx
access chdir chroot listing inotify setxattr utimes statfs handle""".split()
PLAIN = """readlink getcwd environ_file unshare""".split()
KERNEL = """memfd bpf perf io_uring userfaultfd add_key keyctl syslog uname ioperm winsize setfl prctl timerfd msg
mq int80 x32""".split()
MEMORY = "mmap_exec mprotect_exec pkey_mprotect personality shm much_memory".split()
SOCKETS = "tcp tcp6 udp unix abstract netlink packet raw vsock alg socketpair listening".split()
PROCESS = """fork clone clone3 execve execveat kill tkill tgkill sigqueue pidfd pidfd_getfd ptrace vm_read vm_write proc_mem
proc_fd setns priority affinity prlimit setpgid setuid capset""".split()

# What the end of a process that asked for more than the filter allows looks like, or an error instead.
STOPPED = ["SIGSYS", "refused with error 001", "refused with error 012", "refused with error 013"]


class Native:
    def __init__(self, decoys):
        self.decoys = decoys
        self.program = os.path.join(OUT, "worker-broken-engine")
        self.code = os.path.join(OUT, "native.bin")
        self.digest = digest_of(self.code)
        self.package = os.path.dirname(decoys.plant("package/src/lib.rs", "// nothing\n"))
        self.package = os.path.dirname(self.package)
        self.free = 0

    def name(self):
        self.free += 1
        return os.path.join(self.decoys.temporary, f"free-{self.free}")

    def run(self, wall, words, environment=None, stderr=None):
        arguments = [f"--artifact={self.code}", f"--digest={self.digest}", "--package=native",
                     f"--version={' '.join(words)}", f"--kernel-wall={wall}", "--memory-limit=67108864",
                     "--time-limit=5000"]
        base = {"HOME": self.decoys.home, "GLOVEBOX_HOME": os.path.join(self.decoys.root, "glovebox"),
                "CARGO_MANIFEST_DIR": self.package, "CARGO_PKG_NAME": "package", "DECOY_SECRET": SECRET}
        return Worker(self.program, arguments, {**base, **(environment or {})}, stderr=stderr)

    def result(self, worker):
        status, text = worker.end()
        took = "TOOK" in text
        return Result(took, f"{text.strip()} [{how_it_ended(status)}]")

    def attack(self, family, name, words, evidence="TOOK"):
        def attempt(wall):
            result = self.result(self.run(wall, [name] + words()))
            result.took = evidence in result.text
            return result

        return Attack(family, f"native code: {name}", "the kernel's wall", lambda: attempt("off"),
                      lambda: attempt("on"), STOPPED)

    # ---- attacks that need more than words -----------------------------------------------------------

    def signal(self, name):
        """A signal counts when the decoy says that it came."""
        def attempt(wall):
            decoy, address, descriptor = self.decoys.process()
            result = self.result(self.run(wall, [name, str(decoy.pid), address, descriptor]))
            decoy.stdin.close()
            heard = decoy.stdout.read().decode()
            decoy.wait()
            return Result("signal 10" in heard, result.text)

        return Attack("processes", f"native code: {name}", "the kernel's wall", lambda: attempt("off"),
                      lambda: attempt("on"), STOPPED)

    def program_run(self, name):
        def attempt(wall):
            marker = self.decoys.marker
            result = self.result(self.run(wall, [name, "0", "0", "0", self.decoys.program, "x"]))
            result.took = os.path.exists(marker)
            if result.took:
                os.unlink(marker)
            return result

        return Attack("processes", f"native code: {name}", "the kernel's wall", lambda: attempt("off"),
                      lambda: attempt("on"), STOPPED)

    def terminal(self, name, changed):
        def attempt(wall):
            ours, theirs = pty.openpty()
            before = changed(theirs)
            worker = self.run(wall, [name], stderr=theirs)
            status, _ = worker.end()
            after = changed(theirs)
            os.set_blocking(ours, False)
            try:
                text = os.read(ours, 4096).decode(errors="replace")
            except OSError:
                text = ""
            os.close(theirs)
            os.close(ours)
            return Result(before != after, f"{text} [{how_it_ended(status)}]")

        return Attack("descriptors", f"native code: {name}", "the kernel's wall", lambda: attempt("off"),
                      lambda: attempt("on"), STOPPED)

    def undead(self):
        """Deaf to all that can be ignored, and its master is gone."""
        def attempt(wall):
            worker = self.run(wall, ["undead"])
            text = worker.process.stderr.readline().decode()
            worker.close()
            try:
                status = worker.process.wait(2 if wall == "on" else 0.5)
                return Result(False, f"{text.strip()} [{how_it_ended(status)}]")
            except Exception:
                worker.process.kill()
                worker.process.wait()
                return Result("TOOK" in text, text)
            finally:
                worker.process.stderr.close()

        return Attack("processes", "native code: outlives its compiler", "the kernel's wall",
                      lambda: attempt("off"), lambda: attempt("on"), "SIGKILL")

    def search(self):
        """The environment, searched for in memory; the other worker does not forget it."""
        def attempt(program, wall):
            native = Native.__new__(Native)
            native.__dict__.update(self.__dict__, program=os.path.join(OUT, program))
            result = native.result(native.run(wall, ["stack_search"]))
            result.took = SECRET in result.text
            return result

        return Attack("environment", "native code: the environment in memory", "forgetting the environment",
                      lambda: attempt("worker-remembers", "off"),
                      lambda: attempt("worker-broken-engine", "on"), ["SIGSEGV", "SIGBUS"])

    def broker(self, title, path, granted, name="broker", says="refused with error"):
        """A request straight to the broker. Shown with one that has a grant for this folder as well."""
        def attempt(name, environment):
            result = self.result(self.run("on", [name, path], environment))
            result.took = SECRET in result.text
            return result

        return Attack("files", f"native code asks the broker: {title}", "a policy without a grant",
                      lambda: attempt("broker", {"OUT_DIR": granted}), lambda: attempt(name, {}), says)


def all_of(decoys):
    n = Native(decoys)
    attacks = []

    def plant():
        n.free += 1
        return decoys.plant(f"home/file-{n.free}", SECRET)

    for name in FILES:
        targets = iter([plant(), plant()])
        attacks.append(n.attack("files", name, lambda targets=targets: [next(targets), n.name(), decoys.home]))
    for name in PLAIN:
        # A machine that gives nobody a user namespace (many containers) has nothing to be shown.
        if name == "unshare" and subprocess.run(["unshare", "--user", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            print("absent   files: native code: unshare")
            continue
        attacks.append(n.attack("files", name, lambda: []))
    tcp = decoys.listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))[1]
    udp = decoys.listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))[1]
    unix = os.path.join(decoys.root, "socket")
    decoys.listen(socket.AF_UNIX, socket.SOCK_STREAM, unix)
    abstract = f"decoy-{os.getpid()}"
    decoys.listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + abstract)
    try:
        tcp6 = decoys.listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))[1]
    except OSError:
        tcp6 = None
    ports = {"tcp": tcp, "udp": udp, "tcp6": tcp6, "unix": 0, "abstract": 0}
    for name in SOCKETS:
        if name == "tcp6" and tcp6 is None:
            continue
        place = abstract if name == "abstract" else unix
        attacks.append(n.attack("network", name, lambda name=name, place=place: [str(ports.get(name, 0)), place]))
    for name in PROCESS:
        if name in ("kill", "tkill", "tgkill", "sigqueue", "pidfd"):
            attacks.append(n.signal(name))
            continue
        if name in ("execve", "execveat"):
            attacks.append(n.program_run(name))
            continue

        def words():
            decoy, address, descriptor = decoys.process()
            return [str(decoy.pid), address, descriptor]
        evidence = {"ptrace": SECRET[:8], "vm_read": SECRET[:16], "proc_mem": SECRET[:16], "proc_fd": SECRET}
        attacks.append(n.attack("processes", name, words, evidence.get(name, "TOOK")))
    attacks.append(n.undead())
    for name in MEMORY:
        attacks.append(n.attack("memory", name, lambda: []))
    attacks.append(n.search())
    for name in KERNEL:
        if name == "winsize":
            attacks.append(n.terminal(name, lambda fd: termios.tcgetwinsize(fd)))
        elif name == "setfl":
            attacks.append(n.terminal(name, lambda fd: fcntl.fcntl(fd, fcntl.F_GETFL)))
        else:
            attacks.append(n.attack("kernel", name, lambda: []))
    hidden = decoys.plant("package/.env", SECRET)
    elsewhere = decoys.plant("granted/visible", SECRET)
    granted = os.path.dirname(elsewhere)
    link = os.path.join(n.package, "link")
    os.symlink(elsewhere, link)
    attacks += [
        n.broker("a file elsewhere", elsewhere, granted),
        n.broker("round by ..", os.path.join(n.package, "src", "..", "..", "granted", "visible"), granted),
        n.broker("a link to elsewhere", link, granted),
        n.broker("a hidden file", hidden, n.package),
        n.broker("after half a request", elsewhere, granted, "short_request"),
        n.broker("a path without an end", elsewhere, granted, "endless_path"),
    ]
    return attacks
