//! A macro crate with a library of another name, a renamed dependency and a macro of its own.
//!
//! ```
//! #[derive(outer::Greet)]
//! struct Doc;
//! assert_eq!(Doc::greet(), "hello Doc");
//! ```

use proc_macro::{TokenStream, TokenTree};

inner_macro::constant!(METHOD "greet");

fn name_of(item: TokenStream) -> String {
    let mut after_struct = false;
    for tree in item {
        if let TokenTree::Ident(ident) = tree {
            if after_struct {
                return ident.to_string();
            }
            after_struct = ident.to_string() == "struct";
        }
    }
    panic!("Greet is for structs")
}

fn code(name: &str) -> String {
    format!(
        "impl {} {{ pub fn {}() -> &'static str {{ {:?} }}
         pub fn expanded_in() -> &'static str {{ {:?} }} }}",
        name,
        METHOD,
        renamed::greeting(name),
        renamed::place()
    )
}

/// Gives a struct `greet()` and `expanded_in()`.
#[proc_macro_derive(Greet, attributes(greet))]
pub fn greet(item: TokenStream) -> TokenStream {
    code(&name_of(item)).parse().unwrap()
}

/// Says where it was expanded.
#[proc_macro]
pub fn whereabouts(_: TokenStream) -> TokenStream {
    format!("{:?}", renamed::place()).parse().unwrap()
}

/// Leaves the item as it is.
#[proc_macro_attribute]
pub fn untouched(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

#[cfg(test)]
mod tests {
    #[test]
    fn unit_tests_of_a_macro_crate_are_native() {
        assert_eq!(renamed::place(), "host");
        assert!(super::code("X").contains("hello X"));
    }
}
