//! The `std` in front of std.
//!
//! Guest units are compiled with `--extern std=` of this crate. It re-exports the real std whole, prelude
//! and macros included, and puts other items in the few places where WASI has no good answer. Macros of
//! std expand to paths of the real one (`$crate`), which is the same wherever nothing is replaced.
//!
//! Panics: a guest is built with a std that unwinds, so `panic::catch_unwind` is the real one. Where only
//! a std that aborts is at hand, this is the place for one that re-enters the guest through the host.

#![no_std]
#![feature(rustc_attrs)]
#![allow(internal_features)]

extern crate std as real;

#[doc(no_inline)]
pub use real::*;

pub mod collections;
pub mod env;
pub mod hash;
pub mod process;
