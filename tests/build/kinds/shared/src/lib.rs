//! Used by a macro crate and by a build script: needed as wasm and natively.

/// The greeting, in capitals with the feature `loud`.
pub fn greeting(name: &str) -> String {
    let text = format!("hello {name}");
    if cfg!(feature = "loud") { text.to_uppercase() } else { text }
}

/// Where this copy of the code runs.
pub fn place() -> &'static str {
    if cfg!(target_arch = "wasm32") { "sandbox" } else { "host" }
}
