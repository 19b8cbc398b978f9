//! Memory for macros: they allocate small things by the ten thousand and free them soon.
//!
//! Sizes up to `LARGEST` are rounded up to a class, and each class has a list of free blocks; new ones
//! are cut from a chunk. A block goes back to its class's list and stays there: an instance lives for one
//! crate's compilation. All else is std's own allocator. There are no threads inside.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;

const ALIGN: usize = 16;
const LARGEST: usize = 512;
const CLASSES: usize = LARGEST / ALIGN;
const CHUNK: usize = 64 << 10;

struct Heap(UnsafeCell<State>);

struct State {
    /// First free block of each class; a free block's first word is the next one.
    free: [*mut u8; CLASSES],
    /// What is left of the chunk.
    at: *mut u8,
    left: usize,
}

// SAFETY: WASI preview 1 has one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap =
    Heap(UnsafeCell::new(State { free: [ptr::null_mut(); CLASSES], at: ptr::null_mut(), left: 0 }));

#[inline(always)]
fn is_small(layout: Layout) -> bool {
    layout.size().wrapping_sub(1) < LARGEST && layout.align() <= ALIGN
}

#[inline(always)]
fn class(size: usize) -> usize {
    (size - 1) / ALIGN
}

/// Cuts a block from the chunk, or from a new one; what was left of the old is forgotten.
#[cold]
unsafe fn refill(state: &mut State, size: usize) -> *mut u8 {
    if state.left < size {
        // SAFETY: the layout is not empty.
        let chunk = unsafe { System.alloc(Layout::from_size_align_unchecked(CHUNK, ALIGN)) };
        if chunk.is_null() {
            return chunk;
        }
        (state.at, state.left) = (chunk, CHUNK);
    }
    let block = state.at;
    // SAFETY: size bytes are left of the chunk.
    state.at = unsafe { block.add(size) };
    state.left -= size;
    block
}

// SAFETY: blocks of a class are as large and as aligned as any layout that maps to it, belong to one
// owner from `alloc` to `dealloc`, and all else is passed on to an allocator with the same layout.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_small(layout) {
            // SAFETY: the caller's.
            return unsafe { System.alloc(layout) };
        }
        // SAFETY: one thread, and nothing here calls back.
        unsafe {
            let state = &mut *self.0.get();
            let class = class(layout.size());
            let block = state.free[class];
            if block.is_null() {
                return refill(state, (class + 1) * ALIGN);
            }
            state.free[class] = block.cast::<*mut u8>().read();
            block
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !is_small(layout) {
            // SAFETY: the caller's; not small then either.
            return unsafe { System.dealloc(block, layout) };
        }
        // SAFETY: the block is of this class and nobody's any more.
        unsafe {
            let state = &mut *self.0.get();
            let class = class(layout.size());
            block.cast::<*mut u8>().write(state.free[class]);
            state.free[class] = block;
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_small(layout) {
            // SAFETY: the caller's.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: the caller's; a block is at least as long as the layout.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's: size is not zero, and does not overflow when rounded up to the alignment.
        unsafe {
            let new = Layout::from_size_align_unchecked(size, layout.align());
            match (is_small(layout), is_small(new)) {
                (true, true) if class(layout.size()) == class(size) => block,
                (false, false) => System.realloc(block, layout, size),
                _ => {
                    let moved = self.alloc(new);
                    if !moved.is_null() {
                        ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                    moved
                }
            }
        }
    }
}
