//! `derive_setters`: darling.
use derive_setters::Setters;

#[derive(Default, Setters, Debug, PartialEq, Clone)]
#[setters(prefix = "with_", strip_option, into)]
#[setters(generate_delegates(ty = "Outer", method = "inner"))]
pub struct Basic {
    #[setters(rename = "test")]
    a: Option<u8>,
    /// Docs go along.
    b: String,
    #[setters(skip)]
    c: bool,
    #[setters(bool)]
    d: bool,
    #[setters(borrow_self, into = false)]
    e: &'static str,
}
#[derive(Default)]
pub struct Outer {
    basic: Basic,
}
impl Outer {
    fn inner(&mut self) -> &mut Basic {
        &mut self.basic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let mut b = Basic::default().test(3).with_b("x").with_d();
        b.with_e("e");
        assert_eq!(b, Basic { a: Some(3), b: "x".into(), c: false, d: true, e: "e" });
    }
}
