//! `strum_macros` 0.17: syn 1, edition 2018.
use strum::{AsStaticRef, EnumMessage, EnumProperty, IntoEnumIterator};
use strum_macros::*;

#[derive(
    Debug,
    PartialEq,
    EnumString,
    ToString,
    EnumIter,
    EnumCount,
    AsRefStr,
    AsStaticStr,
    IntoStaticStr,
    EnumVariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Colour {
    #[strum(serialize = "b", to_string = "blue")]
    Blue,
    LightGreen(usize),
    #[strum(disabled = "true")]
    Text {
        s: Option<&'static str>,
    },
}

#[derive(EnumMessage, EnumProperty, EnumDiscriminants)]
#[strum_discriminants(derive(Hash))]
pub enum Message {
    #[strum(message = "short", props(Key = "value"))]
    A,
    B(u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works() {
        assert_eq!("b".parse::<Colour>().unwrap(), Colour::Blue);
        assert_eq!(Colour::LightGreen(1).as_static(), "light_green");
        assert_eq!(Colour::iter().count(), 2);
        assert_eq!(Message::A.get_message(), Some("short"));
        assert_eq!(Message::A.get_str("Key"), Some("value"));
        assert_eq!(MessageDiscriminants::from(&Message::B(1)), MessageDiscriminants::B);
    }
}
