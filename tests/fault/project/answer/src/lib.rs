//! A macro whose result is easily seen to be right.

extern crate proc_macro;

use proc_macro::TokenStream;

#[proc_macro]
pub fn sum(input: TokenStream) -> TokenStream {
    let numbers = input.into_iter().filter_map(|tree| tree.to_string().parse::<u32>().ok());
    numbers.sum::<u32>().to_string().parse().unwrap()
}
