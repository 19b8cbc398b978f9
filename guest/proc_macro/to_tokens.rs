//! What can be interpolated in `quote!`.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::rc::Rc;

use crate::{Group, Ident, Literal, Punct, Span, TokenStream, TokenTree};

/// Types that can be interpolated inside a `quote!` invocation.
#[unstable(feature = "proc_macro_totokens", issue = "130977")]
pub trait ToTokens {
    /// Write `self` to the given `TokenStream`.
    fn to_tokens(&self, tokens: &mut TokenStream);

    /// Convert `self` directly into a `TokenStream` object.
    fn to_token_stream(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        self.to_tokens(&mut tokens);
        tokens
    }

    /// Convert `self` directly into a `TokenStream` object.
    fn into_token_stream(self) -> TokenStream
    where
        Self: Sized,
    {
        self.to_token_stream()
    }
}

#[unstable(feature = "proc_macro_totokens", issue = "130977")]
impl ToTokens for TokenTree {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend([self.clone()]);
    }

    fn into_token_stream(self) -> TokenStream {
        TokenStream::from(self)
    }
}

#[unstable(feature = "proc_macro_totokens", issue = "130977")]
impl ToTokens for TokenStream {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // Token by token, as rustc does it: the spacing of the source is lost.
        tokens.extend(self.clone());
    }

    fn into_token_stream(self) -> TokenStream {
        self
    }
}

macro_rules! token {
    ($($token:ident)*) => {$(
        #[unstable(feature = "proc_macro_totokens", issue = "130977")]
        impl ToTokens for $token {
            fn to_tokens(&self, tokens: &mut TokenStream) {
                tokens.extend([TokenTree::from(self.clone())]);
            }
        }
    )*};
}

token!(Literal Ident Punct Group);

macro_rules! pointer {
    ($($pointer:ty)*) => {$(
        #[unstable(feature = "proc_macro_totokens", issue = "130977")]
        impl<T: ToTokens + ?Sized> ToTokens for $pointer {
            fn to_tokens(&self, tokens: &mut TokenStream) {
                (**self).to_tokens(tokens)
            }
        }
    )*};
}

pointer!(&T &mut T Box<T> Rc<T>);

#[unstable(feature = "proc_macro_totokens", issue = "130977")]
impl<T: ToTokens + ToOwned + ?Sized> ToTokens for Cow<'_, T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        (**self).to_tokens(tokens)
    }
}

#[unstable(feature = "proc_macro_totokens", issue = "130977")]
impl<T: ToTokens> ToTokens for Option<T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if let Some(t) = self {
            t.to_tokens(tokens);
        }
    }
}

macro_rules! literal {
    ($($ty:ty => |$value:ident| $literal:expr;)*) => {$(
        #[unstable(feature = "proc_macro_totokens", issue = "130977")]
        impl ToTokens for $ty {
            fn to_tokens(&self, tokens: &mut TokenStream) {
                let $value = self;
                $literal.to_tokens(tokens)
            }
        }
    )*};
}

literal! {
    u8 => |n| Literal::u8_suffixed(*n);
    u16 => |n| Literal::u16_suffixed(*n);
    u32 => |n| Literal::u32_suffixed(*n);
    u64 => |n| Literal::u64_suffixed(*n);
    u128 => |n| Literal::u128_suffixed(*n);
    i8 => |n| Literal::i8_suffixed(*n);
    i16 => |n| Literal::i16_suffixed(*n);
    i32 => |n| Literal::i32_suffixed(*n);
    i64 => |n| Literal::i64_suffixed(*n);
    i128 => |n| Literal::i128_suffixed(*n);
    f32 => |n| Literal::f32_suffixed(*n);
    f64 => |n| Literal::f64_suffixed(*n);
    usize => |n| Literal::usize_suffixed(*n);
    isize => |n| Literal::isize_suffixed(*n);
    bool => |b| Ident::new(if *b { "true" } else { "false" }, Span::call_site());
    char => |ch| Literal::character(*ch);
    str => |text| Literal::string(text);
    String => |text| Literal::string(text);
    CStr => |text| Literal::c_string(text);
    CString => |text| Literal::c_string(text);
}
