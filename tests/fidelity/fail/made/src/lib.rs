//! Uses that must not compile: see `examples/`.
