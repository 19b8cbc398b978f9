//! `displaydoc`: doc comments as Display.
use displaydoc::Display;

#[derive(Display, Debug)]
pub enum Error {
    /// disconnected {0}
    Disconnect(std::io::Error),
    /// key `{0}` gone, {1:?}
    Gone(String, Option<u8>),
    /**
     * header {expected}
     * and {found:?}
     */
    Header { expected: u8, found: u8 },
    #[doc = "plain {{}} text"]
    Plain,
    #[displaydoc("overridden {0}")]
    /// not this
    Over(u8),
}

#[derive(Display)]
#[prefix_enum_doc_attributes]
/// all of
pub enum Prefixed<T: std::fmt::Display> {
    /// one {0}
    One(T),
}

/// struct {a} {b:?}
///
/// More words.
#[derive(Display)]
#[ignore_extra_doc_attributes]
pub struct S<'a> {
    pub a: &'a str,
    pub b: [u8; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows() {
        assert_eq!(Error::Gone("k".into(), None).to_string(), "key `k` gone, None");
        assert_eq!(Error::Over(3).to_string(), "overridden 3");
        assert_eq!(Prefixed::One(1).to_string(), "all of: one 1");
        assert_eq!(S { a: "x", b: [1, 2] }.to_string(), "struct x [1, 2]");
    }
}
