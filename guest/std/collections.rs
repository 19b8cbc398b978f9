//! Collection types: the real module's, but for the hasher.

#[doc(no_inline)]
pub use real::collections::*;

/// A hash map implemented with quadratic probing and SIMD lookup: the real module's, but for the hasher.
pub mod hash_map {
    #[doc(no_inline)]
    pub use real::collections::hash_map::*;

    #[doc(no_inline)]
    pub use crate::hash::DefaultHasher;
}
