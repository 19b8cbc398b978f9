//! `monostate-impl`: builds types out of every character of a literal; no syn.
use monostate::MustBe;
use serde::Deserialize;

#[derive(Deserialize, Debug, PartialEq)]
pub struct Request {
    pub version: MustBe!("2.0 ünï"),
    pub number: MustBe!(107u8),
    pub big: MustBe!(1_000i64),
    pub yes: MustBe!(true),
    pub c: MustBe!('\n'),
}
#[derive(Deserialize, Debug, PartialEq)]
#[serde(untagged)]
pub enum Either {
    Success { success: MustBe!(true), n: u8 },
    Failure { success: MustBe!(false) },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn must_be() {
        let e: Either = serde_json::from_str(r#"{"success":false}"#).unwrap();
        assert_eq!(e, Either::Failure { success: MustBe!(false) });
        assert!(serde_json::from_str::<MustBe!("x")>("\"y\"").is_err());
    }
}
