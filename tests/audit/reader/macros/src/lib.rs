//! Macros that ask the world, and macros whose output deserves a look.

use proc_macro::TokenStream;

fn argument(input: TokenStream) -> String {
    input.to_string().trim_matches('"').to_string()
}

fn literal(text: &str) -> TokenStream {
    format!("{text:?}").parse().unwrap()
}

fn below_package(path: &str) -> String {
    format!("{}/{path}", std::env::var("CARGO_MANIFEST_DIR").unwrap())
}

/// What the file says, or that there is none.
#[proc_macro]
pub fn file(path: TokenStream) -> TokenStream {
    let path = below_package(&argument(path));
    literal(std::fs::read_to_string(path).unwrap_or_else(|error| error.to_string()).trim_end())
}

/// The names in the folder.
#[proc_macro]
pub fn names(path: TokenStream) -> TokenStream {
    let entries = std::fs::read_dir(below_package(&argument(path))).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    literal(&names.join(" "))
}

/// The variable, or that there is none.
#[proc_macro]
pub fn variable(name: TokenStream) -> TokenStream {
    literal(&std::env::var(argument(name)).unwrap_or_else(|_| "unset".to_string()))
}

/// A function that dereferences a pointer.
#[proc_macro_derive(Risky)]
pub fn risky(_: TokenStream) -> TokenStream {
    "fn risky(p: &u8) -> u8 { unsafe { *(p as *const u8) } }".parse().unwrap()
}

/// Leaves the item as it is.
#[proc_macro_attribute]
pub fn untouched(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
