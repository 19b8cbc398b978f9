//! Attempts on decoys, by C's functions, from an expansion and from a constructor, which runs when the library
//! is loaded. Each says `name=took` or `name=ERRNO`. Where the decoys are is fixed when this is compiled.

use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::sync::Mutex;

use proc_macro::TokenStream;

extern "C" {
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn read(fd: c_int, to: *mut c_void, size: usize) -> isize;
    fn close(fd: c_int) -> c_int;
    fn access(path: *const c_char, mode: c_int) -> c_int;
    fn unlink(path: *const c_char) -> c_int;
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn connect(fd: c_int, address: *const c_void, length: u32) -> c_int;
    fn fork() -> c_int;
    fn execv(path: *const c_char, arguments: *const *const c_char) -> c_int;
    fn posix_spawn(
        pid: *mut c_int,
        path: *const c_char,
        actions: *const c_void,
        attributes: *const c_void,
        arguments: *const *const c_char,
        environment: *const *const c_char,
    ) -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(code: c_int) -> !;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn getppid() -> c_int;
    fn syscall(number: c_long, ...) -> c_long;
    fn mmap(
        at: *mut c_void,
        size: usize,
        protection: c_int,
        flags: c_int,
        fd: c_int,
        offset: i64,
    ) -> *mut c_void;
}

const SECRET: &str = env!("DECOY_SECRET");
const PORT: &str = env!("DECOY_PORT");
const MADE: &str = env!("DECOY_MADE");
const GONE: &str = env!("DECOY_GONE");
/// One for each place: a process has one tracer.
const VICTIMS: [(&str, &str); 2] =
    [("constructor", env!("DECOY_FIRST")), ("expansion", env!("DECOY_SECOND"))];

fn c(text: &str) -> CString {
    CString::new(text).expect("no NUL")
}

fn result(name: &str, took: bool) -> String {
    let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    if took {
        format!("{name}=took")
    } else {
        format!("{name}={error}")
    }
}

fn read_by(name: &str, open: impl FnOnce(&CString) -> c_int, path: &str) -> String {
    let mut byte = 0u8;
    let fd = open(&c(path));
    // SAFETY: room for a byte, and a descriptor of ours.
    let took = fd >= 0 && unsafe { read(fd, (&raw mut byte).cast(), 1) == 1 };
    if fd >= 0 {
        // SAFETY: as above.
        unsafe { close(fd) };
    }
    result(name, took)
}

fn connected() -> String {
    let port: u16 = PORT.parse().expect("a port");
    let mut address = [0u8; 16];
    address[..2].copy_from_slice(&2u16.to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    address[4..8].copy_from_slice(&[127, 0, 0, 1]);
    // SAFETY: a struct sockaddr_in.
    unsafe {
        let fd = socket(2, 1, 0);
        let took = fd >= 0 && connect(fd, address.as_ptr().cast(), 16) == 0;
        let result = result("connect", took);
        if fd >= 0 {
            close(fd);
        }
        result
    }
}

fn shell(
    name: &str,
    place: &str,
    run: impl FnOnce(*const c_char, *const *const c_char) -> bool,
) -> String {
    let (sh, option, command) =
        (c("/bin/sh"), c("-c"), c(&format!("echo made >{MADE}.{place}.{name}")));
    let arguments = [sh.as_ptr(), option.as_ptr(), command.as_ptr(), std::ptr::null()];
    result(name, run(sh.as_ptr(), arguments.as_ptr()))
}

fn attempts(place: &str) -> String {
    // SAFETY: all texts end with NUL, and the functions do what they are asked or not.
    unsafe {
        let (_, victim) = VICTIMS.iter().find(|(of, _)| *of == place).expect("a place");
        let victim: c_int = victim.parse().expect("a process");
        let spawned = shell("spawn", place, |path, arguments| {
            let (mut pid, mut status) = (0, 0);
            let none = std::ptr::null();
            posix_spawn(&mut pid, path, none, none, arguments, [none.cast()].as_ptr()) == 0
                && waitpid(pid, &mut status, 0) == pid
                && status == 0
        });
        let forked = shell("fork", place, |path, arguments| {
            let pid = fork();
            if pid == 0 {
                execv(path, arguments);
                _exit(1);
            }
            let mut status = 0;
            pid > 0 && waitpid(pid, &mut status, 0) == pid && status == 0
        });
        [
            read_by("open", |path| open(path.as_ptr(), 0), SECRET),
            // openat as a bare call: past libc, and past whoever stands in front of it.
            read_by("openat", |path| syscall(257, -100, path.as_ptr(), 0, 0) as c_int, SECRET),
            read_by(
                "environ",
                |path| open(path.as_ptr(), 0),
                &format!("/proc/{}/environ", getppid()),
            ),
            result("exists", access(c(SECRET).as_ptr(), 0) == 0),
            result("write", open(c(&format!("{MADE}.{place}.write")).as_ptr(), 0o101, 0o600) >= 0),
            result("unlink", unlink(c(&format!("{GONE}.{place}")).as_ptr()) == 0),
            connected(),
            spawned,
            forked,
            result("signal", kill(victim, 10) == 0),
            result("parent", kill(getppid(), 0) == 0),
            result("trace", syscall(101, 0x4206, victim as c_long, 0, 0) == 0),
        ]
        .join(" ")
    }
}

/// What the loader must be able to do, and so a constructor; an expansion not any more.
fn late_attempts() -> String {
    // SAFETY: memory of the system's choice, which is not touched.
    let code = unsafe { mmap(std::ptr::null_mut(), 4096, 7, 0x22, -1, 0) } as isize;
    let code = result("code", code != -1);
    let thread = std::thread::Builder::new()
        .spawn(|| ())
        .and_then(|it| it.join().map_err(|_| std::io::ErrorKind::Other.into()));
    format!("{code} {}", result("thread", thread.is_ok()))
}

static FOUND: Mutex<String> = Mutex::new(String::new());

extern "C" fn constructor() {
    *FOUND.lock().unwrap() = attempts("constructor");
}
#[used]
#[link_section = ".init_array"]
static CONSTRUCTOR: extern "C" fn() = constructor;

fn text(text: &str) -> TokenStream {
    format!("{text:?}").parse().expect("a literal")
}

/// What the constructor took.
#[proc_macro]
pub fn constructed(_: TokenStream) -> TokenStream {
    text(&FOUND.lock().unwrap())
}

/// What an expansion takes.
#[proc_macro]
pub fn expanded(_: TokenStream) -> TokenStream {
    text(&format!("{} {}", attempts("expansion"), late_attempts()))
}
