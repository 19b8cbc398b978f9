use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=MADE_BY=a build script");
    println!("cargo:rustc-cfg=made");
    println!("cargo:rustc-check-cfg=cfg(made)");
    let text = "/// Comes out of a file that the build script wrote.
#[proc_macro]
pub fn generated(_: TokenStream) -> TokenStream {
    quoted(concat!(\"generated, by \", env!(\"MADE_BY\")))
}
";
    fs::write(Path::new(&env::var_os("OUT_DIR").unwrap()).join("generated.rs"), text).unwrap();
}
