//! `indoc`: strings, byte strings, C strings, raw strings, format forms.
use indoc::{concatdoc, eprintdoc, formatdoc, indoc, printdoc, writedoc};
use std::fmt::Write;

pub const TEXT: &str = indoc! {"
    def hello():
        print(\"Hello, \\ world!\")

    hello()
"};
pub const BYTES: &[u8] = indoc! {b"
    \x00abc
      \t\\
"};
pub const RAW: &str = indoc! {r#"
    "quoted" \n
        deeper
    "#};
pub const C: &std::ffi::CStr = indoc! {c"
    c
      string"};
pub const JOINED: &str = concatdoc! {"
    version ", env!("CARGO_PKG_VERSION"), "
      end
"};

pub fn formats(name: &str) -> String {
    let mut s = formatdoc! {"
        Hello {name} {}
          {0:?} {{}}
        ",
    1, };
    writedoc!(
        s,
        "
        and {n}
            more",
        n = 2
    )
    .unwrap();
    printdoc! {"
        {name}
    "}
    eprintdoc!(
        "
        {}",
        name
    );
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unindents() {
        assert_eq!(TEXT, "def hello():\n    print(\"Hello, \\ world!\")\n\nhello()\n");
        assert_eq!(BYTES, b"\x00abc\n  \t\\\n");
        assert_eq!(RAW, "\"quoted\" \\n\n    deeper\n");
        assert_eq!(C.to_bytes(), b"c\n  string");
        assert_eq!(JOINED, "version 0.0.0\nend\n");
        assert_eq!(formats("x"), "Hello x 1\n  1 {}\nand 2\n    more");
    }
}
