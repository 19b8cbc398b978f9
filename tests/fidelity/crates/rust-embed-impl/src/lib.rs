//! `rust-embed-impl`: walks a folder of the package and hashes its files.
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "assets/"]
#[prefix = "pre/"]
#[exclude = "*.tmp"]
#[allow_missing = true]
pub struct Assets;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/assets/sub"]
#[include = "*.txt"]
#[metadata_only = false]
pub struct Sub;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embeds() {
        let mut v: Vec<_> = Assets::iter().collect();
        v.sort();
        assert_eq!(v, ["pre/a.txt", "pre/sub/b.txt", "pre/sub/c.bin"]);
        assert_eq!(&*Assets::get("pre/a.txt").unwrap().data, b"alpha\n");
        assert_eq!(Sub::iter().count(), 1);
    }
}
