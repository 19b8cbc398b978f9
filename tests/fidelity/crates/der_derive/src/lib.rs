//! `der_derive`: proc-macro-error's successor and asn1 attributes.
use der::{
    asn1::{AnyRef, ObjectIdentifier, Utf8StringRef},
    Choice, Decode, Encode, Enumerated, Sequence, ValueOrd,
};

#[derive(Sequence, ValueOrd, Clone, Debug, PartialEq, Eq)]
pub struct Algorithm<'a> {
    pub oid: ObjectIdentifier,
    #[asn1(context_specific = "1", optional = "true", tag_mode = "EXPLICIT")]
    pub parameters: Option<AnyRef<'a>>,
    #[asn1(context_specific = "2", default = "version", tag_mode = "IMPLICIT")]
    pub version: u8,
}
fn version() -> u8 {
    1
}
#[derive(Choice, Clone, Debug, PartialEq, Eq)]
pub enum Time<'a> {
    #[asn1(type = "UTF8String")]
    Text(Utf8StringRef<'a>),
    Number(u16),
}
#[derive(Enumerated, Copy, Clone, Debug, PartialEq, Eq)]
#[asn1(type = "INTEGER")]
#[repr(u8)]
pub enum Version {
    V1 = 0,
    V3 = 2,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let a = Algorithm {
            oid: ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
            parameters: None,
            version: 3,
        };
        assert_eq!(Algorithm::from_der(&a.to_der().unwrap()).unwrap(), a);
        assert_eq!(Version::V3.to_der().unwrap(), [2, 1, 2]);
        assert_eq!(Time::from_der(&Time::Number(5).to_der().unwrap()).unwrap(), Time::Number(5));
    }
}
