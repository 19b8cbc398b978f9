//! A macro crate of edition 2015 on the proc-macro2 of its time.
extern crate proc_macro;
extern crate proc_macro2;
#[macro_use]
extern crate quote;
extern crate syn;

use proc_macro::TokenStream;

#[proc_macro_derive(HeapSize, attributes(heap))]
pub fn heap_size(input: TokenStream) -> TokenStream {
    let input: syn::DeriveInput = syn::parse(input).unwrap();
    let name = &input.ident;
    let (a, b, c) = input.generics.split_for_impl();
    let sum = match input.data {
        syn::Data::Struct(ref data) => {
            let fields = data.fields.iter().enumerate().map(|(i, f)| {
                let member = match f.ident {
                    Some(ref id) => quote!(#id),
                    None => {
                        let i = syn::Index::from(i);
                        quote!(#i)
                    }
                };
                quote_spanned! {f.ident.as_ref().map_or_else(proc_macro2::Span::call_site, |i| i.span())=>
                    ::std::mem::size_of_val(&self.#member)
                }
            });
            quote!(0 #(+ #fields)*)
        }
        _ => panic!("HeapSize is for structs"),
    };
    let tokens = quote! {
        impl #a #name #b #c {
            pub fn heap_size(&self) -> usize { #sum }
        }
    };
    tokens.into()
}

#[proc_macro]
pub fn try_async(input: TokenStream) -> TokenStream {
    let input: proc_macro2::TokenStream = input.into();
    let quoted = quote! { pub fn async(dyn: u8) -> u8 { let await = #input; await + dyn } };
    quoted.into()
}
