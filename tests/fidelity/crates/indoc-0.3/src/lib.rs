//! `indoc` 0.3: proc-macro-hack, and `unindent` at run time of the macro.
use indoc::indoc;

pub fn text() -> &'static str {
    indoc!(
        "
        a
          b\u{e9}
        c"
    )
}

pub fn bytes() -> &'static [u8] {
    indoc!(
        b"
        x
         y"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn unindents() {
        assert_eq!(super::text(), "a\n  bé\nc");
        assert_eq!(super::bytes(), b"x\n y");
    }
}
