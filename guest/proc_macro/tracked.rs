//! Functionality for adding environment state to the build dependency info.

use std::env::VarError;
use std::ffi::{OsStr, OsString};
#[cfg(unix)]
use std::os::unix::ffi::OsStringExt;
#[cfg(not(unix))]
use std::os::wasi::ffi::OsStringExt;
use std::path::Path;

use crate::rt;

/// Retrieve an environment variable and add it to build dependency info.
#[unstable(feature = "proc_macro_tracked_env", issue = "99515")]
pub fn env_var<K: AsRef<OsStr> + AsRef<str>>(key: K) -> Result<String, VarError> {
    let key: &str = key.as_ref();
    let value = match rt::env(key).map(String::from_utf8) {
        None => Err(VarError::NotPresent),
        Some(Ok(value)) => Ok(value),
        Some(Err(bytes)) => Err(VarError::NotUnicode(OsString::from_vec(bytes.into_bytes()))),
    };
    rt::track_env(key, value.as_deref().ok());
    value
}

/// Track a file or directory explicitly.
#[unstable(feature = "proc_macro_tracked_path", issue = "99515")]
pub fn path<P: AsRef<Path>>(path: P) {
    let path: &str = path.as_ref().to_str().unwrap();
    rt::track_path(path);
}
