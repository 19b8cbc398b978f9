//! The few calls of the operating system that std has no name for. Linux, by the C library that std
//! links already.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

extern "C" {
    fn memfd_create(name: *const c_char, flags: u32) -> c_int;
    fn ftruncate(fd: c_int, length: c_long) -> c_int;
    fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    fn mmap(
        address: *mut c_void,
        length: usize,
        protection: c_int,
        flags: c_int,
        fd: c_int,
        offset: c_long,
    ) -> *mut c_void;
    fn munmap(address: *mut c_void, length: usize) -> c_int;
    fn sendmsg(fd: c_int, message: *const MessageHeader, flags: c_int) -> isize;
    fn syscall(number: c_long, ...) -> c_long;
    fn sched_getcpu() -> c_int;
    fn sched_setaffinity(pid: c_int, size: usize, mask: *const u64) -> c_int;
    fn sched_getaffinity(pid: c_int, size: usize, mask: *mut u64) -> c_int;
}

const MFD_CLOEXEC: u32 = 1;
const MFD_ALLOW_SEALING: u32 = 2;
const F_ADD_SEALS: c_int = 1033;
const SEALS: c_int = 1 | 2 | 4; // further seals, shrinking, growing
const PROT_READ_WRITE: c_int = 1 | 2;
const MAP_SHARED: c_int = 1;
const MSG_NOSIGNAL: c_int = 0x4000;
const SOL_SOCKET: c_int = 1;
const SCM_RIGHTS: c_int = 1;
const FUTEX_WAIT: c_int = 0;
const FUTEX_WAKE: c_int = 1;

#[cfg(target_arch = "x86_64")]
const SYS_FUTEX: c_long = if cfg!(target_pointer_width = "32") { 0x4000_0000 + 202 } else { 202 };
#[cfg(any(target_arch = "aarch64", target_arch = "riscv64", target_arch = "loongarch64"))]
const SYS_FUTEX: c_long = 98;
#[cfg(any(target_arch = "x86", target_arch = "arm"))]
const SYS_FUTEX: c_long = 240;
#[cfg(target_arch = "s390x")]
const SYS_FUTEX: c_long = 238;
#[cfg(any(target_arch = "powerpc64", target_arch = "powerpc"))]
const SYS_FUTEX: c_long = 221;

/// Memory shared with another process, of a size that nobody can change.
pub struct Map {
    base: *mut u8,
    size: usize,
}

// SAFETY: plain memory; who uses it from several threads goes through atomics, as with the other
// process.
unsafe impl Send for Map {}

impl Map {
    /// A new file of zeros and its mapping.
    pub fn create(size: usize) -> io::Result<(Map, OwnedFd)> {
        // SAFETY: the name is NUL-terminated; the descriptor is new and nobody else's.
        let file = unsafe {
            let fd = memfd_create(c"glovebox".as_ptr(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(fd)
        };
        let fd = file.as_raw_fd();
        // SAFETY: plain calls on a descriptor that is ours; the kernel chooses the address.
        let base = unsafe {
            if ftruncate(fd, size as c_long) != 0 || fcntl(fd, F_ADD_SEALS, SEALS) != 0 {
                return Err(io::Error::last_os_error());
            }
            mmap(ptr::null_mut(), size, PROT_READ_WRITE, MAP_SHARED, fd, 0)
        };
        if base as isize == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok((Map { base: base.cast(), size }, file))
    }

    /// The word at a byte offset that is a multiple of 4 and within the map.
    pub fn word(&self, offset: usize) -> &AtomicU32 {
        assert!(offset & 3 == 0 && offset + 4 <= self.size);
        // SAFETY: within the mapping, aligned, and only ever accessed atomically.
        unsafe { &*self.base.add(offset).cast::<AtomicU32>() }
    }

    /// Copies bytes in. Between two waits the protocol gives this part of the map to us alone; a
    /// worker that writes to it all the same garbles bytes and nothing else.
    pub fn write(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset <= self.size && bytes.len() <= self.size - offset);
        // SAFETY: within the mapping; `bytes` is elsewhere, since nobody has a slice of the map.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(offset), bytes.len()) }
    }

    /// Copies bytes out, to the end of `to`. They may be anything.
    pub fn read(&self, offset: usize, length: usize, to: &mut Vec<u8>) {
        assert!(offset <= self.size && length <= self.size - offset);
        to.reserve(length);
        // SAFETY: within the mapping; the room was reserved and is filled before it counts.
        unsafe {
            ptr::copy_nonoverlapping(self.base.add(offset), to.as_mut_ptr().add(to.len()), length);
            to.set_len(to.len() + length);
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: mapped by create, unmapped once; references to it cannot outlive it.
        unsafe { munmap(self.base.cast(), self.size) };
    }
}

/// Sleeps while the word is `value`, at most `time`; may return early.
pub fn futex_wait(word: &AtomicU32, value: u32, time: Duration) {
    let timeout: [c_long; 2] = [time.as_secs() as c_long, time.subsec_nanos() as c_long];
    // SAFETY: the word is alive for the call; the timeout is the kernel's timespec.
    unsafe { syscall(SYS_FUTEX, word.as_ptr(), FUTEX_WAIT, value, timeout.as_ptr()) };
}

/// Sets the word and wakes who sleeps on it.
pub fn futex_set(word: &AtomicU32, value: u32) {
    word.store(value, Ordering::Release);
    // SAFETY: the word is alive for the call.
    unsafe { syscall(SYS_FUTEX, word.as_ptr(), FUTEX_WAKE, 1) };
}

/// The processor that this thread runs on; it may be another in the next moment.
pub fn processor() -> Option<usize> {
    // SAFETY: no arguments.
    usize::try_from(unsafe { sched_getcpu() }).ok()
}

type Processors = [u64; 16];

fn only(processor: usize) -> Option<Processors> {
    let mut mask = [0u64; 16];
    *mask.get_mut(processor / 64)? = 1 << (processor % 64);
    Some(mask)
}

/// Of a process's first thread, or of this one (0).
fn set_processors(pid: u32, mask: &Processors) {
    // SAFETY: the mask is as large as said. Failing is fine: then the kernel chooses.
    unsafe { sched_setaffinity(pid as c_int, size_of_val(mask), mask.as_ptr()) };
}

/// Asks that a process (its first thread) run on this processor alone.
pub fn keep_on_processor(pid: u32, processor: usize) {
    if let Some(mask) = only(processor) {
        set_processors(pid, &mask);
    }
}

/// While it lives, this thread stays on one processor; then it may run where it could before.
pub struct Stay {
    before: Processors,
}

/// None where the thread cannot be asked to, or has no choice anyway.
pub fn stay_on_processor(processor: usize) -> Option<Stay> {
    let mut before: Processors = [0; 16];
    // SAFETY: the mask is as large as said.
    let size = unsafe { sched_getaffinity(0, size_of_val(&before), before.as_mut_ptr()) };
    let here = only(processor)?;
    if size < 0 || before == here {
        return None;
    }
    set_processors(0, &here);
    Some(Stay { before })
}

impl Drop for Stay {
    fn drop(&mut self) {
        set_processors(0, &self.before);
    }
}

#[repr(C)]
struct IoVec {
    base: *const u8,
    length: usize,
}

#[repr(C)]
struct MessageHeader {
    name: *const c_void,
    name_length: u32,
    parts: *const IoVec,
    part_count: usize,
    control: *const c_void,
    control_length: usize,
    flags: c_int,
}

/// linux: struct cmsghdr with room for one descriptor, as CMSG_SPACE lays it out.
#[repr(C)]
struct Control {
    length: usize,
    level: c_int,
    kind: c_int,
    fd: c_int,
}

/// Sends bytes with a descriptor. The bytes are few: they go at once or not at all.
pub fn send_with_descriptor(socket: &UnixStream, bytes: &[u8], fd: &OwnedFd) -> io::Result<()> {
    let part = IoVec { base: bytes.as_ptr(), length: bytes.len() };
    // SAFETY: all-zero bytes are a value of this struct of numbers; so is the padding after `fd`.
    let mut control: Control = unsafe { MaybeUninit::zeroed().assume_init() };
    control.length = std::mem::offset_of!(Control, fd) + size_of::<c_int>();
    control.level = SOL_SOCKET;
    control.kind = SCM_RIGHTS;
    control.fd = fd.as_raw_fd();
    let header = MessageHeader {
        name: ptr::null(),
        name_length: 0,
        parts: &part,
        part_count: 1,
        control: ptr::from_ref(&control).cast(),
        control_length: size_of::<Control>(),
        flags: 0,
    };
    // SAFETY: everything that the header points to is alive and of the lengths said.
    let sent = unsafe { sendmsg(socket.as_raw_fd(), &header, MSG_NOSIGNAL) };
    match usize::try_from(sent) {
        Ok(sent) if sent == bytes.len() => Ok(()),
        Ok(_) => Err(io::ErrorKind::WriteZero.into()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}
