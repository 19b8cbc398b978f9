//! What macro crates declare their macros with: `macro_rules!` of another crate.

/// A derive whose visibility, attributes and name are the caller's, and all the rest is ours.
#[macro_export]
macro_rules! shaped_derive {
    ($(#[$meta:meta])* $vis:vis fn $name:ident) => {
        $(#[$meta])*
        $vis fn $name(
            _item: ::proc_macro::TokenStream,
        ) -> ::proc_macro::TokenStream {
            concat!("pub const ", stringify!($name), "_CAME: u8 = 7;").parse().unwrap()
        }
    };
}

/// A function-like macro, whole.
#[macro_export]
macro_rules! shaped_function {
    ($name:ident) => {
        #[proc_macro]
        pub fn $name(_: ::proc_macro::TokenStream) -> ::proc_macro::TokenStream {
            concat!("pub const ", stringify!($name), "_CAME: u8 = 7;").parse().unwrap()
        }
    };
}

/// An item of the caller's, handed through.
#[macro_export]
macro_rules! through {
    ($item:item) => {
        $item
    };
}
