//! Compiles the C part with the system's own compiler.

use std::path::PathBuf;
use std::process::Command;

fn run(program: &str, words: &[&str]) {
    let status = Command::new(program).args(words).status().expect(program);
    assert!(status.success(), "{program}: {status}");
}

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets it"));
    let (object, library) = (out.join("weigh.o"), out.join("libweigh.a"));
    let (object, library) = (object.to_str().unwrap(), library.to_str().unwrap());
    run("cc", &["-O1", "-fPIC", "-c", "-o", object, "c/weigh.c"]);
    run("ar", &["crs", library, object]);
    println!("cargo:rerun-if-changed=c/weigh.c");
    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static=weigh");
}
