fn main() {
    println!("cargo::rustc-check-cfg=cfg(feature, values(\"unstable-unstable-one\", \"unstable-two\", \"unstable\"))");
}
