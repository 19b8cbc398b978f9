//! `schemars_derive`: understands serde's attributes too.
use schemars::{schema_for, JsonSchema};
use serde::{Deserialize, Serialize};

/// # Title here
/// And a description.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(example = &"an example")]
pub struct Settings<'a, T: Default> {
    #[schemars(range(min = 1, max = 10), title = "An int")]
    pub my_int: i32,
    #[schemars(length(min = 1), regex(pattern = r"^\d+$"), email)]
    pub text: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nested: Option<Box<Nested<T>>>,
    #[serde(flatten)]
    pub more: More,
    #[schemars(with = "Vec<String>", extend("x-key" = 3))]
    pub list: (),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub enum Nested<T> {
    /// First
    A { t: T },
    #[schemars(skip)]
    B,
    #[deprecated]
    C(More),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline, transform = |s: &mut schemars::Schema| { s.insert("seen".into(), true.into()); })]
pub struct More {
    #[serde(rename = "the more")]
    pub more: u8,
}

#[derive(JsonSchema)]
#[schemars(rename = "Repr{T}", bound = "T: JsonSchema")]
pub struct Named<T>(pub T);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema() {
        let s = serde_json::to_value(schema_for!(Settings<u8>)).unwrap();
        assert_eq!(s["title"], "Title here");
        assert_eq!(s["properties"]["myInt"]["maximum"], 10);
        assert_eq!(s["properties"]["list"]["x-key"], 3);
        assert!(s["properties"]["the more"].is_object());
    }
}
