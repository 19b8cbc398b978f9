//! Generic hashing support: the real module's, but for the hasher.

#[doc(no_inline)]
pub use real::hash::*;

/// The default [`Hasher`] used by [`RandomState`]: the real one, given the integers of a 64-bit machine.
///
/// Macros make names from hashes, and walk through maps that are ordered by them. What they hash of
/// lengths and of the numbers of variants has four bytes here, and eight natively.
#[derive(Clone, Debug, Default)]
pub struct DefaultHasher(real::hash::DefaultHasher);

impl DefaultHasher {
    /// Creates a new `DefaultHasher`.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        DefaultHasher(real::hash::DefaultHasher::new())
    }
}

impl Hasher for DefaultHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    #[inline]
    fn write_usize(&mut self, i: usize) {
        self.0.write_u64(i as u64);
    }

    #[inline]
    fn write_isize(&mut self, i: isize) {
        self.0.write_i64(i as i64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0.finish()
    }
}
