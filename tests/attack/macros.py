"""Attacks by macros: project/hostile, loaded by a real compiler; natively first, then from the sandbox."""

import json
import os
import re
import select
import socket
import subprocess
import time

import common
from common import BUILD, HERE, OUT, SECRET, Attack, Result, how_it_ended

LIMITS = {"GLOVEBOX_TIME_LIMIT": "2", "GLOVEBOX_MEMORY_LIMIT": "256M"}
KEPT = 1 << 16  # bytes of a flood that are looked at
REFUSED = "asked for: read"


ENOUGH = 1.5  # seconds after which a compiler that does not end is believed to go on for ever


def hangs(status, text):
    return status is None


def rustc():
    root = subprocess.run(["rustc", "--print", "sysroot"], check=True, capture_output=True, text=True)
    return os.path.join(root.stdout.strip(), "bin", "rustc")


def newest(folder):
    return max(os.path.getmtime(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def native_library(compiler):
    source = os.path.join(HERE, "project", "hostile", "src")
    library = os.path.join(OUT, "native", "libhostile.so")
    if not os.path.exists(library) or os.path.getmtime(library) < newest(source):
        subprocess.run([compiler, "--edition", "2021", "--crate-type", "proc-macro", "--crate-name", "hostile",
                        "--out-dir", os.path.dirname(library), os.path.join(source, "lib.rs")], check=True)
    return library


def sandboxed_library(project, target, environment=None):
    """Built as anybody would: (path of the shim, standard error); no path when the build fails."""
    path = os.path.join(BUILD, "bin") + ":" + os.environ["PATH"]
    settings = {**os.environ, **LIMITS, "PATH": path, "CARGO_TARGET_DIR": target, **(environment or {})}
    built = subprocess.run(["cargo", "glovebox", "build", "--offline", "--quiet", "--message-format=json"], cwd=project,
                           env=settings, capture_output=True, text=True, timeout=300)
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and "proc-macro" in message["target"]["kind"]:
            return message["filenames"][0], built.stderr
    return None, built.stdout + built.stderr


def read_until(pipe, deadline):
    """Head and tail of what comes, until it ends; None when that takes too long."""
    head, tail = b"", b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return None, head + tail
        piece = os.read(pipe.fileno(), KEPT)
        if not piece:
            return True, head + tail
        if len(head) < KEPT:
            head += piece
        else:
            tail = (tail + piece)[-KEPT:]


class Macros:
    def __init__(self, decoys):
        self.decoys = decoys
        self.compiler = rustc()
        self.native = native_library(self.compiler)
        self.sandboxed, said = sandboxed_library(os.path.join(HERE, "project"), os.path.join(OUT, "target"))
        if not self.sandboxed:
            raise SystemExit(f"the hostile macros cannot be built for the sandbox:\n{said}")
        self.package = os.path.join(decoys.root, "project", "victim")
        self.source = decoys.plant("project/victim/src/lib.rs", "// the victim's\n")
        self.out = os.path.join(decoys.root, "out")
        os.makedirs(self.out)
        decoys.ours += (self.out, os.path.join(self.package, "flip"))
        self.made = 0

    def compile(self, library, source, seconds, native):
        """Compiles a crate that uses the macros: (exit status, None when it had to be killed; standard error)."""
        self.made += 1
        path = os.path.join(self.out, f"attack{self.made}.rs")
        with open(path, "w") as file:
            file.write(source)
        environment = {
            "HOME": self.decoys.home, "PATH": "/usr/bin:/bin", "DECOY_SECRET": SECRET, "SSH_AUTH_SOCK": SECRET,
            "CARGO_REGISTRY_TOKEN": SECRET, "CARGO_MANIFEST_DIR": self.package, "CARGO_PKG_NAME": "victim",
            "CARGO_PKG_VERSION": "0.1.0", "CARGO_CRATE_NAME": "victim", "TMPDIR": self.decoys.temporary,
            "GLOVEBOX_HOME": os.path.join(self.decoys.root, "glovebox"), "RUST_BACKTRACE": "0"}

        def limits():
            common.bounded()
            if native:  # a worker reserves addresses for 4 GiB and more, which it never uses
                common.resource.setrlimit(common.resource.RLIMIT_AS, (3 << 30, 3 << 30))

        inherited = os.open(self.decoys.key, os.O_RDONLY)
        process = subprocess.Popen(
            [self.compiler, "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "--crate-name", "victim",
             "--out-dir", self.out, "--extern", f"hostile={library}", path],
            cwd=os.path.dirname(self.package), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, pass_fds=[inherited], preexec_fn=limits)
        os.close(inherited)
        ended, text = read_until(process.stderr, time.monotonic() + seconds)
        if not ended:
            process.kill()
        status = process.wait()
        process.stderr.close()
        return (status if ended else None), text.decode(errors="replace")

    def first(self, source, evidence):
        seconds = ENOUGH if evidence is hangs else common.PATIENCE
        status, text = self.compile(self.native, source, seconds, True)
        how = "killed: it would not end" if status is None else how_it_ended(status)
        return Result(evidence(status, text), f"{text} [{how}]")

    def then(self, source, evidence, alive=True):
        status, text = self.compile(self.sandboxed, source, common.PATIENCE, False)
        if status not in (0, 1) or "internal compiler error" in text or (alive and "ALIVE" not in text):
            return Result(True, f"the compiler did not go on: {text} [{status}]")
        return Result(evidence(status, text), text)

    def attack(self, family, title, call, says=REFUSED, evidence="TOOK", then_call=None, first=None):
        """call: `macro!(…)` of hostile. evidence: what the error output says when it worked, or a function."""
        def source(call):
            return f"const A: () = hostile::{call};\nconst B: () = hostile::well!();\n"

        found = evidence if callable(evidence) else lambda status, text: evidence in text
        return Attack(family, f"macro: {title}", "the sandbox",
                      lambda: self.first(source(call), first or found),
                      lambda: self.then(source(then_call or call), found), says)

    def twice(self, name, call):
        """Succeeds when the macro does not see the same twice."""
        def differ(compile):
            texts = []
            for _ in range(2):
                status, text = compile(f"const A: () = hostile::{call};\n")
                found = re.search(r"TOOK .*", text)
                texts.append(found.group() if found else re.sub(r"attack\d+", "attack", text))
            same = texts[0] == texts[1]
            return Result(not same, f"the same twice: {texts[0]}" if same else f"{texts}")

        return Attack("determinism", f"macro: {name}", "the sandbox",
                      lambda: differ(lambda source: self.compile(self.native, source, common.PATIENCE, True)),
                      lambda: differ(lambda source: self.compile(self.sandboxed, source, common.PATIENCE, False)),
                      "the same twice")


def quoted(*words):
    return ", ".join(f'"{word}"' for word in words)


def files_of(m):
    d, package = m.decoys, m.package
    plant = d.plant
    key, home = d.key, d.home
    other = plant("project/other/src/lib.rs", f"// {SECRET}\n")
    outside = plant("elsewhere/file", SECRET)
    git = plant("project/victim/.git/config", SECRET)
    hidden = plant("project/victim/.env", SECRET)
    deep = plant("project/victim/src/.secret/file", SECRET)
    harmless = plant("project/victim/flip/harmless", "harmless")
    os.symlink(key, os.path.join(package, "link"))
    os.symlink("link", os.path.join(package, "link-to-link"))
    os.symlink(home, os.path.join(package, "folder-link"))
    os.symlink("../../home/.ssh/id_decoy", os.path.join(package, "relative-link"))
    os.symlink("/proc/self/cwd", os.path.join(package, "magic-link"))
    os.symlink(os.path.join(package, ".env"), os.path.join(package, "link-to-hidden"))
    os.mkfifo(os.path.join(package, "pipe"))
    credentials = plant("home/.cargo/credentials.toml", f'token = "{SECRET}"\n')
    plant("home/.netrc", SECRET)

    def inside(name):
        return os.path.join(package, name)

    def read(title, path, says=REFUSED, evidence=SECRET):
        return m.attack("files", f"reads {title}", f"read_file!({quoted(path)})", says, evidence)

    gone = "No such file or directory"
    yield read("a private key", key)
    yield read("Cargo's credentials", credentials)
    yield read("/etc/passwd", "/etc/passwd", evidence="TOOK")
    yield read("/proc/self/environ", "/proc/self/environ", evidence="TOOK")
    yield read("/proc/self/maps", "/proc/self/maps", evidence="TOOK")
    yield read("/proc/self/cwd/…", "/proc/self/cwd/other/src/lib.rs")
    yield read("/proc/self/root/…", "/proc/self/root" + key)
    yield read("/dev/random", "/dev/urandom", evidence="TOOK")
    yield read("/sys/…", "/sys/kernel/mm/transparent_hugepage/enabled", evidence="TOOK")
    yield read("another package of the workspace", other)
    yield read("by ..", inside("src/../../other/src/lib.rs"))
    yield read("by a relative path", "../elsewhere/file")
    yield read("by doubled slashes", package + "//..//other//./src///lib.rs")
    yield read(".git/config", git, [gone])
    yield read("a hidden file", hidden, [gone])
    yield read("below a hidden folder", deep, [gone])
    yield read("a hidden file, by ..", inside("src/../.env"), [gone])
    yield read("a hidden file, by a link", inside("link-to-hidden"), [gone])
    yield read("by a link that leads out", inside("link"))
    yield read("by a link to a link", inside("link-to-link"))
    yield read("by a link with a slash behind it", inside("folder-link") + "/.ssh/id_decoy")
    yield read("by a relative link", inside("relative-link"))
    yield read("by a link into /proc", inside("magic-link") + "/other/src/lib.rs")
    yield Attack(
        "files", "macro: an attribute reads a key", "the sandbox",
        lambda: m.first(f"#[hostile::stealing({quoted(key)})] struct S;", lambda _, text: SECRET in text),
        lambda: m.then(f"#[hostile::stealing({quoted(key)})] struct S;\nconst B: () = hostile::well!();",
                       lambda _, text: SECRET in text), REFUSED)
    yield m.attack("files", "waits for a pipe", f"read_file!({quoted(inside('pipe'))})", "Permission denied",
                   hangs)
    yield m.attack("files", "lists a home", f"list_folder!({quoted(home, '.ssh')})", "asked for: ")
    yield m.attack("files", "lists hidden names", f"list_folder!({quoted(package, '.env')})", "only: ", ".env ")
    yield m.attack("files", "lists its open files", f"list_folder!({quoted('/proc/self/fd', '2')})", "asked for: ")
    yield m.attack("files", "asks whether a file exists", f"look_at!({quoted(outside)})")
    yield m.attack("files", "asks where a link leads", f"read_link!({quoted('/proc/self/exe')})")
    yield m.attack("files", "writes into its package", f"write_file!({quoted(inside('new.rs'))})", "Permission denied")
    yield m.attack("files", "writes to the folder for temporary files",
                   f"write_file!({quoted(os.path.join(d.temporary, 'new'))})", "asked for: ")
    yield m.attack("files", "appends to a source", f"append_to!({quoted(m.source)})", "Permission denied")
    yield m.attack("files", "appends to a shell's start file",
                   f"append_to!({quoted(plant('home/.profile', 'x'))})", "asked for: ")
    yield m.attack("files", "empties a source", f"truncate!({quoted(plant('project/victim/src/b.rs', 'fn b() {}'))})",
                   "Permission denied")
    doomed = [plant(f"project/victim/src/doomed{i}.rs", "") for i in range(2)]
    yield m.attack("files", "removes a source", f"remove!({quoted(doomed[0])})", "Permission denied",
                   then_call=f"remove!({quoted(doomed[1])})")
    moved = [plant(f"project/victim/src/moved{i}.rs", "") for i in range(2)]
    yield m.attack("files", "renames a source", f"rename!({quoted(moved[0], moved[0] + '~')})", "Permission denied",
                   then_call=f"rename!({quoted(moved[1], moved[1] + '~')})")
    yield m.attack("files", "makes a folder", f"make_folder!({quoted(inside('new-folder'))})", "Permission denied",
                   then_call=f"make_folder!({quoted(inside('newer-folder'))})")
    yield m.attack("files", "makes a hard link to a key", f"hard_link!({quoted(key, inside('hard'))})", "asked for: ",
                   SECRET, then_call=f"hard_link!({quoted(key, inside('harder'))})")
    yield m.attack("files", "makes a symbolic link to a key", f"symbolic_link!({quoted(key, inside('soft'))})",
                   ["Permission denied", "not permitted"], SECRET,
                   then_call=f"symbolic_link!({quoted(key, inside('softer'))})")
    yield m.attack("files", "copies a key", f"copy!({quoted(key, inside('copied'))})", "asked for: ",
                   then_call=f"copy!({quoted(key, inside('copied-again'))})")
    yield m.attack("files", "sets a file's times", f"set_times!({quoted(plant('project/victim/old.rs', ''))})",
                   "Permission denied")
    yield m.attack("files", "changes the folder", f"change_folder!({quoted(os.path.dirname(key))})",
                   ["operation not supported", "asked for: "], SECRET)
    yield m.attack("descriptors", "reads what the compiler has open", f"inherited_descriptors!({quoted(SECRET)})",
                   "no such descriptor: 10")
    yield race(m, inside("flip/name"), harmless, key)


def race(m, name, harmless, key):
    attack = m.attack("files", "reads while the file becomes a link", f"race!({quoted(name, SECRET)})", "only the file",
                      "TOOK")

    def beside(attempt):
        def run():
            flip = subprocess.Popen([os.path.join(OUT, "flip"), name, harmless, key], stdin=subprocess.PIPE)
            m.decoys.processes.append(flip)
            try:
                return attempt()
            finally:
                flip.stdin.close()
                flip.wait()
                m.decoys.processes.remove(flip)
        return run

    attack.first, attack.then = beside(attack.first), beside(attack.then)
    return attack


def network_of(m):
    tcp = m.decoys.listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))[1]
    udp = m.decoys.listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))[1]
    path = os.path.join(m.decoys.root, "macro-socket")
    m.decoys.listen(socket.AF_UNIX, socket.SOCK_STREAM, path)
    unsupported = ["operation not supported", "not supported"]
    yield m.attack("network", "connects", f"tcp_connect!({quoted(f'127.0.0.1:{tcp}')})", unsupported)
    yield m.attack("network", "listens", f"tcp_listen!({quoted('127.0.0.1:0')})", unsupported)
    yield m.attack("network", "sends a datagram", f"udp_send!({quoted(f'127.0.0.1:{udp}')})", unsupported)
    yield m.attack("network", "asks for an address", f"resolve!({quoted('localhost:1')})", unsupported)
    yield m.attack("network", "connects to a socket in a folder", f"unix_connect!({quoted(path)})")
    yield m.attack("network", "sends on any descriptor", "raw_sockets!()", "no socket among")


def processes_of(m):
    decoy, _, _ = m.decoys.process()
    ended = lambda status, text: status is None or status < 0 or "ALIVE" not in text  # noqa: E731
    yield m.attack("processes", "runs a program", f"run_program!({quoted(m.decoys.program)})", ["asked for: run", "operation not supported"])
    yield m.attack("processes", "forks", "fork_child!()", "no such call")
    yield m.attack("processes", "signals a process", f"signal!({quoted(decoy.pid)})",
                   "ended the process with exit code 137")
    yield m.attack("processes", "ends the compiler well", "exit_well!()", "ended the process with exit code 0",
                   lambda status, text: status == 0)
    yield m.attack("processes", "aborts the compiler", "abort!()", "trapped: unreachable", ended)
    yield m.attack("processes", "writes where nothing is", "write_nowhere!()", "out of bounds memory access", ended)
    yield m.attack("environment", "reads a secret variable", f"variable!({quoted('DECOY_SECRET')})",
                   "asked for: env `DECOY_SECRET`", SECRET)
    yield m.attack("environment", "reads a registry's token", f"variable!({quoted('CARGO_REGISTRY_TOKEN')})",
                   "asked for: env `CARGO_REGISTRY_TOKEN`", SECRET)
    yield m.attack("environment", "reads the agent's socket", f"variable!({quoted('SSH_AUTH_SOCK')})",
                   "asked for: env `SSH_AUTH_SOCK`", SECRET)
    yield m.attack("environment", "searches all variables", f"all_variables!({quoted(SECRET)})", "only ")
    yield m.attack("environment", "searches the C library's variables", f"raw_environment!({quoted(SECRET)})",
                   "only ")
    yield m.attack("environment", "sets a variable of the compiler",
                   f"set_variable!({quoted('PLANTED')}); const _: &str = env!({quoted('PLANTED')})",
                   "`PLANTED` not defined at compile time", lambda status, text: status == 0)
    yield m.attack("processes", "reads the compiler's memory", f"compiler_memory!({quoted(SECRET)})",
                   "out of bounds memory access")


def resources_of(m):
    ends = lambda status, text: status is None or status < 0 or "ALIVE" not in text  # noqa: E731
    # Whichever comes first: on a machine with much else to do it can be the time.
    limited = ["out of memory (limit: 256 MiB)", "took longer than its limit of 2.000 s"]
    yield m.attack("resources", "runs for ever", "endless_loop!()", "took longer than its limit of 2.000 s", hangs)
    yield Attack("resources", "macro: a derive that runs for ever", "the sandbox",
                 lambda: m.first("#[derive(hostile::Greedy)] struct S;", hangs),
                 lambda: m.then("#[derive(hostile::Greedy)] struct S;\nconst B: () = hostile::well!();", hangs),
                 "took longer than its limit of 2.000 s")
    yield m.attack("resources", "takes memory", f"much_memory!({quoted(400)})", limited)
    yield m.attack("resources", "recurses for ever", "deep_recursion!()",
                   ["recursed too deeply", "trapped: out of bounds memory access"], ends)
    yield m.attack("resources", "writes for ever", "endless_output!()", "took longer than its limit", hangs)
    yield m.attack("resources", "floods the terminal", f"long_output!({quoted(8)})", "printed more than 1024 KiB in one expansion",
                   "TOOK the last word of a flood")
    yield m.attack("resources", "sleeps for an hour", f"sleep_long!({quoted(3600)})", "message: slept", hangs)
    yield m.attack("resources", "output nested a million deep", "nested!(1000000)", ["nests groups more than", *limited], ends)
    yield m.attack("resources", "forty million tokens", "many_tokens!(40000000)", limited, ends)
    yield m.attack("resources", "a literal of a gigabyte", "long_literal!(1000000000)", limited, ends)


def sights_of(m):
    yield m.twice("sees the time", "wall_clock!()")
    yield m.twice("sees time pass", "monotonic_clock!()")
    yield m.twice("sees where its stack lies", "stack_address!()")
    yield m.twice("sees where its heap lies", "heap_address!()")
    yield m.twice("sees the order of a hash map", "hash_order!()")
    yield m.twice("sees the process's number", "process_id!()")
    yield m.twice("sees the order of threads", "thread_order!()")
    yield m.twice("sees random bytes", "random_bytes!()")


def all_of(decoys):
    m = Macros(decoys)
    for part in (files_of, network_of, processes_of, resources_of, sights_of):
        yield from part(m)
