//! `wasi`, for crates that ask for one where the target is WASI: what `getrandom` before 0.3 uses of 0.9 to
//! 0.11. Cargo, which takes macros for programs of the host, hands them none.

#![no_std]

use core::fmt;

/// An error of WASI's, by its number.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(u16);

/// Its name until 0.10.
pub type Error = Errno;

impl Errno {
    /// The number.
    pub const fn raw(&self) -> u16 {
        self.0
    }

    /// The number, as 0.9 and 0.10 called it.
    pub const fn raw_error(&self) -> u16 {
        self.0
    }

    /// The error of this number.
    pub const fn from_raw_error(error: u16) -> Option<Self> {
        if error == 0 { None } else { Some(Errno(error)) }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errno").field("code", &self.0).finish()
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error {}", self.0)
    }
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    #[link_name = "random_get"]
    fn wasi_random_get(buf: *mut u8, len: usize) -> u16;
}

/// Writes random bytes: those of the sandbox, which are the same in every build.
///
/// # Safety
/// There is room for `len` bytes at `buf`.
pub unsafe fn random_get(buf: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: the caller's.
    match unsafe { wasi_random_get(buf, len) } {
        0 => Ok(()),
        error => Err(Errno(error)),
    }
}
