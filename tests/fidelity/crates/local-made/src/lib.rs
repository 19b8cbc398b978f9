//! Macros out of `include!`, of other crates' macros and attributes; renamed crates; errors and hashes.

pub const GENERATED: &str = made::generated!();
pub const CONFIGURED: &str = made::configured!();

#[derive(made::Named)]
#[named(whole)]
pub struct Helped {
    #[named(first of all)]
    pub a: u8,
    #[cfg(test)]
    #[named(second)]
    pub b: u8,
}

#[derive(shaped::Shaped)]
#[shape(none)]
pub struct Empty;
shaped::WHOLE!();

pub const CRATES: [&str; 5] = [
    made::crate_name!("macros_old"),
    made::crate_name!("macros_many"),
    made::crate_name!("macros_made"),
    made::crate_name!("uses-local-made"),
    made::crate_name!("macros_tokens"),
];

pub const ERRORS: &str = made::errors!();
pub const HASHED: &str = made::hashed!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says() {
        assert_eq!((GENERATED, CONFIGURED), ("generated, by a build script", "a build script"));
        assert_eq!((SHAPED_CAME, WHOLE_CAME), (7, 7));
        assert_eq!(NAMES, ["whole", "first of all", "second"]);
        assert_eq!(
            CRATES[..4],
            [
                "Ok(Name(\"old_in_package\"))",
                "Ok(Name(\"many_in_workspace\"))",
                "Ok(Name(\"made\"))",
                "Ok(Itself)"
            ]
        );
        assert!(
            ERRORS.starts_with("No such file or directory (os error 2) Os { code: 2,"),
            "{ERRORS}"
        );
    }
}
