//! A library that brings an allocator.
use std::alloc::{GlobalAlloc, Layout, System};

struct Plain;

// SAFETY: the system's.
unsafe impl GlobalAlloc for Plain {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        System.dealloc(block, layout)
    }
}

#[global_allocator]
static HEAP: Plain = Plain;

pub fn doubled(text: &str) -> String {
    text.repeat(2)
}
