//! `strum_macros`: all derives on enums with data, generics and properties.
use strum::{
    AsRefStr, Display, EnumCount, EnumDiscriminants, EnumIs, EnumIter, EnumMessage, EnumProperty,
    EnumString, EnumTable, EnumTryAs, FromRepr, IntoEnumIterator, IntoStaticStr, VariantArray,
    VariantNames,
};

#[derive(
    Debug,
    PartialEq,
    Clone,
    EnumString,
    Display,
    EnumIter,
    EnumCount,
    AsRefStr,
    IntoStaticStr,
    VariantNames,
    EnumIs,
    EnumTryAs,
)]
#[strum(serialize_all = "kebab-case", ascii_case_insensitive)]
pub enum Colour<T: Default> {
    #[strum(serialize = "redish", to_string = "red")]
    Red,
    GreenBlue(T),
    #[strum(disabled)]
    Never,
    Custom {
        depth: u8,
    },
    #[strum(default)]
    Other(String),
}

#[derive(EnumMessage, EnumProperty, EnumDiscriminants, Debug)]
#[strum_discriminants(derive(EnumIter, Hash), name(KindOf), vis(pub))]
pub enum Message {
    /// Documented
    #[strum(message = "short", detailed_message = "long", props(key = "value", n = 3))]
    A(u8),
    #[strum_discriminants(doc = "second")]
    B { x: String },
}

#[derive(FromRepr, VariantArray, EnumTable, Debug, PartialEq, Clone, Copy)]
#[repr(u8)]
pub enum Num {
    One = 1,
    Ten = 5 * 2,
    Eleven,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        assert_eq!("REDISH".parse::<Colour<u8>>().unwrap(), Colour::Red);
        assert_eq!(Colour::GreenBlue(1).to_string(), "green-blue");
        assert_eq!("zzz".parse::<Colour<u8>>().unwrap(), Colour::Other("zzz".into()));
        assert_eq!(Colour::<u8>::iter().count(), 4);
        assert!(Colour::<u8>::Red.is_red());
    }

    #[test]
    fn numbers_and_messages() {
        assert_eq!(Num::from_repr(10), Some(Num::Ten));
        assert_eq!(Num::VARIANTS.len(), 3);
        assert_eq!(NumTable::filled(3u8)[Num::One], 3);
        let a = Message::A(0);
        assert_eq!(
            (a.get_message(), a.get_str("key"), a.get_documentation()),
            (Some("short"), Some("value"), Some("Documented"))
        );
        assert_eq!(KindOf::from(&a), KindOf::A);
        assert_eq!(KindOf::iter().count(), 2);
    }
}
