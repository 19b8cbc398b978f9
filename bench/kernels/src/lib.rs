//! Programs for comparing engines. The module imports nothing; every export `NAME(n: u32) -> u64` does
//! n rounds of its work and returns a checksum, so that no engine can leave work out and all must agree.
#![no_std]

extern crate alloc;

mod heap;
mod integer;
mod library;
mod polybench;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// A small generator of test data (xorshift64*), the same on every engine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }
}

/// Mixes a value into a checksum.
pub fn mix(sum: u64, value: u64) -> u64 {
    (sum.rotate_left(5) ^ value).wrapping_mul(0x517C_C1B7_2722_0A95)
}
