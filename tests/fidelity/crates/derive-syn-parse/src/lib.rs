//! `derive-syn-parse`: parsers from structs.
use derive_syn_parse::Parse;
use syn::punctuated::Punctuated;
use syn::{token, Expr, Ident, Token};

#[derive(Parse)]
pub struct Binding {
    pub let_token: Token![let],
    pub name: Ident,
    pub colon: Option<Token![:]>,
    #[parse_if(colon.is_some())]
    pub ty: Option<syn::Type>,
    #[peek(Token![=])]
    pub init: Option<Init>,
    #[prefix(Token![;])]
    #[call(Punctuated::parse_terminated)]
    pub rest: Punctuated<Ident, Token![,]>,
}

#[derive(Parse)]
pub struct Init {
    pub eq: Token![=],
    #[paren]
    pub paren: token::Paren,
    #[inside(paren)]
    pub value: Expr,
}

#[derive(Parse)]
pub enum Either {
    #[peek(Token![struct], name = "a struct")]
    Struct(syn::ItemStruct),
    #[peek_with(|input: syn::parse::ParseStream| input.peek(syn::LitStr), name = "a text")]
    Text(syn::LitStr),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let b: Binding = syn::parse_str("let x: u8 = (1 + 2); a, b").unwrap();
        assert!(b.ty.is_some() && b.init.is_some() && b.rest.len() == 2);
        let e = syn::parse_str::<Either>("7").err().unwrap();
        assert!(e.to_string().contains("a text"), "{e}");
    }
}
