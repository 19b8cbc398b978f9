//! State, environment, files, panics that are caught, macros that make macros; a macro crate under another name.
pub use many;

pub const FIRST: u32 = many::counter!();
pub const SECOND: u32 = many::counter!();
pub mod deeper {
    #[many::register(one)]
    pub fn alpha() {}
    pub const THIRD: u32 = many::counter!();
}
#[many::register(two)]
pub struct Beta;
pub const LOCAL: (u32, u32) = (many::local_counter!(), many::local_counter!());
pub const NAMES: &str = many::registered!();
pub mod later;

pub const PACKAGE: [Option<&str>; 6] = [
    many::variable!(CARGO_PKG_NAME),
    many::variable!(CARGO_PKG_VERSION),
    many::variable!(CARGO_CRATE_NAME),
    many::variable!(CARGO_PKG_AUTHORS),
    many::variable!(CARGO_PKG_DESCRIPTION),
    many::variable!(A_VARIABLE_THAT_IS_NOT_SET),
];
pub const OUT: bool = many::variable!(OUT_DIR).is_some();
pub const SET_BY_BUILD_SCRIPT: Option<&str> = many::variable!(FROM_BUILD_SCRIPT);
pub const DATA: &str = many::file!("data/hello.txt");
pub const MISSING: &str = many::file!("data/missing.txt");
pub const NOT_A_FILE: &str = many::file!("data");
pub const LIST: &str = many::folder!("data");

pub const CAUGHT: &str = many::caught!();
pub const CAUGHT_AGAIN: &str = many::caught!();

many::constants! { {"name": "K", "values": {"B": 2, "A": 1}} }

many::make_macro!(sum);
pub fn summed() -> u32 {
    sum!(1, 2, 3)
}

#[derive(many::Twin)]
pub struct Single;

#[many::named(a::b < "c" >)]
pub mod named {}

pub const NUMBERS: (u32, u32) = (many::seven!(), many::eight!());
pub const OLD: u32 = many::old_counter!();

many::panics!();
pub fn nested() -> Vec<u32> {
    vec![many::counter!(), many::seven!(many::eight!()), {
        many::counter! {}
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_kept() {
        assert_eq!((FIRST, SECOND), (1, 2));
        assert_eq!(LOCAL.0 + 1, LOCAL.1);
        assert!(NAMES.starts_with("one:alpha") || NAMES.contains("two:Beta"), "{NAMES}");
    }

    #[test]
    fn reads() {
        assert_eq!(PACKAGE[..3], [Some("uses-local-many"), Some("0.0.0"), Some("uses_local_many")]);
        assert_eq!(PACKAGE[5], None);
        assert_eq!((OUT, SET_BY_BUILD_SCRIPT), (true, Some("said so")));
        assert_eq!((DATA, LIST), ("hello\n", "deep/ hello.txt"));
        assert_eq!((MISSING, K_A + K_B), ("NotFound", 3));
        assert!(
            CAUGHT.starts_with("20 false called `Result::unwrap()` on an `Err` value"),
            "{CAUGHT}"
        );
        assert_eq!(CAUGHT, CAUGHT_AGAIN);
        assert!(summed() > 6 && SingleTwin::N > 0 && nested()[1] == 7);
        assert_eq!((NAME, NUMBERS), ("a::b < \"c\" >", (7, 8)));
    }
}
