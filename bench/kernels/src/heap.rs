//! A heap that only grows, emptied between runs by starting over: the engines are compared, not allocators.
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

const SIZE: usize = 48 << 20;

struct Bump {
    next: UnsafeCell<usize>,
    room: UnsafeCell<[u8; SIZE]>,
}

// SAFETY: WebAssembly without threads.
unsafe impl Sync for Bump {}

// SAFETY: each allocation is a fresh, aligned part of `room`.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.room.get() as usize;
        let start = (base + *self.next.get() + layout.align() - 1) & !(layout.align() - 1);
        let end = start - base + layout.size();
        if end > SIZE {
            return core::ptr::null_mut();
        }
        *self.next.get() = end;
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static HEAP: Bump = Bump { next: UnsafeCell::new(0), room: UnsafeCell::new([0; SIZE]) };

/// Runs `round` n times, each on an empty heap, and mixes the results.
///
/// `round` must return plain data: nothing that it allocated may outlive it.
pub fn rounds(n: u32, mut round: impl FnMut(u64) -> u64) -> u64 {
    let mark = unsafe { *HEAP.next.get() };
    let mut sum = 0;
    for i in 0..n {
        sum = crate::mix(sum, round(u64::from(i)));
        // SAFETY: see above; what the closure itself owns lies below the mark.
        unsafe { *HEAP.next.get() = mark };
    }
    sum
}
