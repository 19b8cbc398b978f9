//! What a wasi-libc may lack and std asks for: Debian's knows no canonical paths, no permissions and no
//! threads. Linked as the last library, so that a function that the libc has goes first, and a macro that
//! asks for none of these gets none.

#![no_std]
#![feature(thread_local)]

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

// wasi-libc: errno.h
const EINVAL: c_int = 28;
const ELOOP: c_int = 32;
const ENAMETOOLONG: c_int = 37;
const ENOENT: c_int = 44;
const ENOTDIR: c_int = 54;
const ENOTSUP: c_int = 58;

unsafe extern "C" {
    #[thread_local]
    static mut errno: c_int;
    fn malloc(size: usize) -> *mut c_void;
    fn readlink(path: *const c_char, buffer: *mut c_char, size: usize) -> isize;
    fn getcwd(buffer: *mut c_char, size: usize) -> *mut c_char;
}

#[link(wasm_import_module = "glovebox")]
unsafe extern "C" {
    fn current_dir() -> usize;
    fn answer(ptr: *mut u8);
}

fn fail(error: c_int) {
    // SAFETY: a variable of this thread's.
    unsafe { errno = error };
}

// ---- canonical paths --------------------------------------------------------------------------------

const PATH: usize = 4096;
const LINKS: u32 = 40;

/// A path, or the rest of one; the byte after it is 0.
struct Text {
    bytes: [u8; PATH],
    length: usize,
}

impl Text {
    const EMPTY: Self = Text { bytes: [0; PATH], length: 0 };

    fn push(&mut self, more: &[u8]) -> Option<()> {
        let end = self.length + more.len();
        if end >= PATH {
            fail(ENAMETOOLONG);
            return None;
        }
        self.bytes.get_mut(self.length..end)?.copy_from_slice(more);
        self.cut(end)
    }

    fn cut(&mut self, length: usize) -> Option<()> {
        self.length = length;
        *self.bytes.get_mut(length)? = 0;
        Some(())
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// Without its last component.
    fn pop(&mut self) -> Option<()> {
        let end = self.get().iter().rposition(|&b| b == b'/').unwrap_or(0);
        self.cut(end)
    }
}

/// The working folder, as `env::current_dir` of the std in front has it.
fn working_folder(out: &mut Text) -> Option<()> {
    // SAFETY: getcwd writes no more than it is told; the host writes as many bytes as it has just said.
    unsafe {
        if getcwd(out.bytes.as_mut_ptr().cast(), PATH).is_null() {
            return None;
        }
        let length = out.bytes.iter().position(|&b| b == 0)?;
        out.cut(length)?;
        if out.get() == b"/" {
            let length = current_dir();
            if length >= PATH {
                fail(ENAMETOOLONG);
                return None;
            }
            answer(out.bytes.as_mut_ptr());
            out.cut(length)?;
        }
    }
    if out.get() == b"/" { out.cut(0) } else { Some(()) }
}

/// The target of the link at `path`; None when it is none. `last` is whether anything comes after it: what
/// leads to the folders that a macro may read is not shown to it, and taken as it is spelled.
fn link_at(path: &Text, last: bool) -> Result<Option<Text>, ()> {
    let mut target = Text::EMPTY;
    // SAFETY: both are large enough; the path ends with a 0.
    let length =
        unsafe { readlink(path.bytes.as_ptr().cast(), target.bytes.as_mut_ptr().cast(), PATH - 1) };
    if let Ok(length) = usize::try_from(length) {
        return target.cut(length).map(|()| Some(target)).ok_or(());
    }
    // SAFETY: a variable of this thread's.
    match unsafe { errno } {
        EINVAL => Ok(None),
        ENOENT | ENOTDIR | ELOOP | ENAMETOOLONG => Err(()),
        _ if last => Err(()),
        _ => Ok(None),
    }
}

/// `rest`, absolute or below `out`, without links, `.` and `..`.
fn resolve(out: &mut Text, rest: &mut Text) -> Option<()> {
    let mut links = 0;
    if rest.get().first() == Some(&b'/') {
        out.cut(0)?;
    }
    let mut at = 0;
    while let Some(start) = rest.get().get(at..)?.iter().position(|&b| b != b'/') {
        let start = at + start;
        let tail = rest.get().get(start..)?;
        let end = start + tail.iter().position(|&b| b == b'/').unwrap_or(tail.len());
        let component = rest.get().get(start..end)?;
        at = end;
        match component {
            b"." => continue,
            b".." => {
                out.pop()?;
                continue;
            }
            _ => {}
        }
        out.push(b"/")?;
        out.push(component)?;
        let Some(mut target) = link_at(out, end == rest.length).ok()? else { continue };
        links += 1;
        if links > LINKS {
            fail(ELOOP);
            return None;
        }
        out.pop()?;
        if target.get().first() == Some(&b'/') {
            out.cut(0)?;
        }
        target.push(rest.get().get(end..)?)?;
        *rest = target;
        at = 0;
    }
    if out.length == 0 { out.push(b"/") } else { Some(()) }
}

/// posix: realpath.
///
/// # Safety
/// `path` ends with a 0; `resolved` is null or has room for PATH bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn realpath(path: *const c_char, resolved: *mut c_char) -> *mut c_char {
    let (mut out, mut rest) = (Text::EMPTY, Text::EMPTY);
    // SAFETY: the caller's.
    let path = unsafe { core::ffi::CStr::from_ptr(path) }.to_bytes();
    if path.is_empty() {
        fail(ENOENT);
        return ptr::null_mut();
    }
    let ready = if path.first() == Some(&b'/') { Some(()) } else { working_folder(&mut out) };
    if ready.and_then(|()| rest.push(path)).and_then(|()| resolve(&mut out, &mut rest)).is_none() {
        return ptr::null_mut();
    }
    // SAFETY: room for the path and its 0 (malloc sets errno where there is none).
    unsafe {
        let to = if resolved.is_null() { malloc(out.length + 1).cast() } else { resolved };
        if !to.is_null() {
            ptr::copy_nonoverlapping(out.bytes.as_ptr().cast(), to, out.length + 1);
        }
        to
    }
}

// ---- permissions and threads, which WASI does not have -----------------------------------------------

/// posix: chmod.
#[unsafe(no_mangle)]
pub extern "C" fn chmod(_path: *const c_char, _mode: u32) -> c_int {
    fail(ENOTSUP);
    -1
}

/// posix: fchmod.
#[unsafe(no_mangle)]
pub extern "C" fn fchmod(_fd: c_int, _mode: u32) -> c_int {
    fail(ENOTSUP);
    -1
}

/// posix: pthread_create. std makes an error of it that the macro can handle.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_create(
    _thread: *mut c_void,
    _attributes: *const c_void,
    _start: extern "C" fn(*mut c_void) -> *mut c_void,
    _argument: *mut c_void,
) -> c_int {
    ENOTSUP
}

/// posix: pthread_join.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_join(_thread: *mut c_void, _result: *mut *mut c_void) -> c_int {
    EINVAL
}

/// posix: pthread_detach.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_detach(_thread: *mut c_void) -> c_int {
    EINVAL
}

/// posix: pthread_attr_init.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_attr_init(_attributes: *mut c_void) -> c_int {
    0
}

/// posix: pthread_attr_destroy.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_attr_destroy(_attributes: *mut c_void) -> c_int {
    0
}

/// posix: pthread_attr_setstacksize.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_attr_setstacksize(_attributes: *mut c_void, _size: usize) -> c_int {
    0
}
