//! `derive_builder` 0.9: darling 0.10, syn 1.
use derive_builder::Builder;

#[derive(Builder, Default, Debug, PartialEq)]
#[builder(setter(into), default)]
pub struct Channel<T: Clone + Default> {
    token: i32,
    #[builder(setter(strip_option))]
    special: Option<String>,
    #[builder(default = "42", pattern = "mutable")]
    number: u8,
    extra: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds() {
        let c = ChannelBuilder::<u8>::default().special("x").token(7).build().unwrap();
        assert_eq!(c, Channel { token: 7, special: Some("x".into()), number: 42, extra: 0 });
    }
}
