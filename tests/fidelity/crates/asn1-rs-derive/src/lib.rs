//! `asn1-rs-derive` (synstructure 0.13) and `asn1-rs-impl`.
use asn1_rs::*;

#[derive(DerSequence, Debug, PartialEq)]
pub struct S {
    a: u32,
    b: u16,
    #[tag_implicit(1)]
    c: u8,
    #[default(7_u16)]
    d: u16,
}
#[derive(DerAlias, Debug)]
pub struct Alias<'a>(Any<'a>);

pub const OID: Oid<'static> = oid!(1.2.840 .113549 .1);
pub const RELATIVE: Oid<'static> = oid!(rel 42.36);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        assert_eq!(OID.to_id_string(), "1.2.840.113549.1");
    }
}
