//! `structmeta-derive`, used outside of a macro crate.
use structmeta::{NameArgs, NameValue, Parse, StructMeta, ToTokens};
use syn::{LitInt, LitStr};

#[derive(StructMeta, Debug)]
pub struct MyAttr {
    pub x: LitStr,
    #[struct_meta(name = "why")]
    pub y: Option<LitInt>,
    pub flag: bool,
    pub list: NameArgs<Option<LitStr>>,
    pub value: NameValue<LitInt>,
}
#[derive(Parse, ToTokens)]
pub struct Pair {
    pub a: syn::Ident,
    pub eq: syn::Token![=],
    #[to_tokens("(")]
    pub open: syn::token::Paren,
    #[parse(terminated)]
    pub items: syn::punctuated::Punctuated<LitInt, syn::Token![,]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let a: MyAttr = syn::parse_str(r#"x = "s", why = 3, flag, list("q"), value = 4"#).unwrap();
        assert_eq!((a.x.value(), a.flag), ("s".into(), true));
        let p: Pair = syn::parse_str("k = (1, 2)").unwrap();
        assert_eq!(p.items.len(), 2);
        assert_eq!(quote::quote!(#p).to_string(), "k = (1 , 2)");
    }
}
