//! `facet-macros`: on `unsynn`.
use facet::Facet;

/// A documented struct
#[derive(Facet)]
#[facet(rename_all = "camelCase", deny_unknown_fields)]
pub struct S<'a, T: Clone> {
    /// Documented field
    pub first_name: &'a str,
    pub t: Option<T>,
    pub list: Vec<u8>,
    #[facet(sensitive)]
    pub secret: Option<String>,
}
#[derive(Facet)]
#[repr(u8)]
pub enum E {
    A = 1,
    B(u8, String),
    C { x: i64 },
}
#[derive(Facet)]
#[facet(transparent)]
pub struct New(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        assert_eq!(<S<u8> as Facet>::SHAPE.type_identifier, "S");
        assert!(<S<u8> as Facet>::SHAPE.doc.concat().contains("documented struct"));
    }
}
