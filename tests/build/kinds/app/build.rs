use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=BUILT_IN={}", shared::place());
    println!("cargo:rustc-cfg=built");
    println!("cargo:rustc-check-cfg=cfg(built)");
    let out = env::var("OUT_DIR").unwrap();
    fs::write(Path::new(&out).join("made.rs"), "const MADE: u32 = 42;").unwrap();
}
