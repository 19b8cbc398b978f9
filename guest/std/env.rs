//! Inspection and manipulation of the process's environment: the real module, but for the variables
//! and the working folder.
//!
//! WASI's environment comes whole or not at all. The host has a question for one variable, which a policy
//! can answer and a record can hold, so that Cargo rebuilds when just this one changes: `var` and `var_os`
//! ask it. What the macro sets or removes itself is kept by std, and goes first.

use real::collections::BTreeSet;
use real::ffi::{OsStr, OsString};
#[cfg(target_family = "wasm")]
use real::io;
#[cfg(unix)]
use real::os::unix::ffi::{OsStrExt, OsStringExt};
#[cfg(target_os = "wasi")]
use real::os::wasi::ffi::{OsStrExt, OsStringExt};
use real::path::PathBuf;
use real::string::String;
use real::sync::{Mutex, MutexGuard, PoisonError};
use real::vec;

#[doc(no_inline)]
pub use real::env::*;

// A native guest finds them in the worker that loads it, which also answers getcwd.
#[cfg_attr(target_family = "wasm", link(wasm_import_module = "glovebox"))]
unsafe extern "C" {
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_env_get")]
    fn env_get(name: *const u8, len: usize) -> isize;
    #[cfg(target_family = "wasm")]
    #[link_name = "current_dir"]
    fn host_current_dir() -> usize;
    #[cfg_attr(not(target_family = "wasm"), link_name = "__gbx_answer")]
    fn answer(ptr: *mut u8);
}

fn granted(name: &OsStr) -> Option<OsString> {
    let name = name.as_bytes();
    // SAFETY: the host reads the name.
    let len = unsafe { env_get(name.as_ptr(), name.len()) };
    Some(take_answer(usize::try_from(len).ok()?))
}

fn take_answer(len: usize) -> OsString {
    let mut value = vec![0; len];
    // SAFETY: the host writes as many bytes as it has just said.
    unsafe { answer(value.as_mut_ptr()) };
    OsString::from_vec(value)
}

/// Variables that the macro has set or removed: for these std knows better than the host.
fn own() -> MutexGuard<'static, BTreeSet<OsString>> {
    static OWN: Mutex<BTreeSet<OsString>> = Mutex::new(BTreeSet::new());
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fetches the environment variable `key` from the current process.
pub fn var<K: AsRef<OsStr>>(key: K) -> Result<String, VarError> {
    match var_os(key) {
        Some(value) => value.into_string().map_err(VarError::NotUnicode),
        None => Err(VarError::NotPresent),
    }
}

/// Fetches the environment variable `key` from the current process, or `None` when it is not set.
pub fn var_os<K: AsRef<OsStr>>(key: K) -> Option<OsString> {
    let key = key.as_ref();
    // std looks up no such name, on any system.
    let bytes = key.as_bytes();
    if bytes.is_empty() || bytes[1..].contains(&b'=') || bytes.contains(&0) {
        return None;
    }
    if own().contains(key) {
        return real::env::var_os(key);
    }
    granted(key)
}

/// Sets the environment variable `key` to the value `value` for the currently running process.
///
/// # Safety
/// As for the real one.
#[rustc_deprecated_safe_2024(
    audit_that = "the environment access only happens in single-threaded code"
)]
pub unsafe fn set_var<K: AsRef<OsStr>, V: AsRef<OsStr>>(key: K, value: V) {
    let key = key.as_ref();
    // SAFETY: the caller's.
    unsafe { real::env::set_var(key, value) };
    own().insert(key.to_os_string());
}

/// Removes an environment variable from the environment of the currently running process.
///
/// # Safety
/// As for the real one.
#[rustc_deprecated_safe_2024(
    audit_that = "the environment access only happens in single-threaded code"
)]
pub unsafe fn remove_var<K: AsRef<OsStr>>(key: K) {
    let key = key.as_ref();
    // SAFETY: the caller's.
    unsafe { real::env::remove_var(key) };
    own().insert(key.to_os_string());
}

/// Returns the current working directory: the compiler's, until the macro changes it.
///
/// WASI has none. The libc's own starts at `/`, which no macro can change to, and relative paths that
/// reach the host mean what they mean there.
#[cfg(target_family = "wasm")]
pub fn current_dir() -> io::Result<PathBuf> {
    let changed = real::env::current_dir()?;
    if changed.as_os_str() != "/" {
        return Ok(changed);
    }
    // SAFETY: a function of the host's without arguments.
    Ok(take_answer(unsafe { host_current_dir() }).into())
}

/// Returns the path of a temporary directory.
///
/// std panics under WASI. Whether anything there may be opened is the policy's to say.
pub fn temp_dir() -> PathBuf {
    var_os("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

/// Returns the path of the current user's home directory if known.
pub fn home_dir() -> Option<PathBuf> {
    var_os("HOME").map(PathBuf::from)
}
