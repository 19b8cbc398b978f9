//! `include_dir_macros`: a whole folder as `include_bytes!`.
use include_dir::{include_dir, Dir};

pub static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds() {
        assert_eq!(DATA.get_file("one.txt").unwrap().contents_utf8(), Some("1\n"));
        assert_eq!(DATA.get_dir("deep/er").unwrap().files().count(), 2);
        assert!(DATA.contains("deep/er/three.txt"));
    }
}
