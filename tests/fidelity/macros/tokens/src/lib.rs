//! Macros that give tokens back: untouched, taken apart, partly changed, made anew; and that tell what they saw.
extern crate proc_macro;
use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use std::ffi::CString;

/// The stream as it came.
#[proc_macro]
pub fn untouched(input: TokenStream) -> TokenStream {
    input
}

/// Each tree of the outermost stream passed on, groups as they are.
#[proc_macro]
pub fn one_by_one(input: TokenStream) -> TokenStream {
    input.into_iter().collect()
}

fn rebuild(input: TokenStream) -> TokenStream {
    input
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(g) => {
                let mut new = Group::new(g.delimiter(), rebuild(g.stream()));
                new.set_span(g.span());
                TokenTree::Group(new)
            }
            TokenTree::Punct(p) => {
                let mut new = Punct::new(p.as_char(), p.spacing());
                new.set_span(p.span());
                TokenTree::Punct(new)
            }
            other => other,
        })
        .collect()
}

/// Every group and punctuation mark made anew.
#[proc_macro]
pub fn rebuilt(input: TokenStream) -> TokenStream {
    rebuild(input)
}

/// Only what stands in braces is made anew; the rest keeps its handle.
#[proc_macro]
pub fn partly(input: TokenStream) -> TokenStream {
    input
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => {
                TokenTree::Group(Group::new(Delimiter::Brace, rebuild(g.stream())))
            }
            other => other,
        })
        .collect()
}

/// Through text and back.
#[proc_macro]
pub fn reparsed(input: TokenStream) -> TokenStream {
    input.to_string().parse().unwrap()
}

fn text(s: &str) -> TokenStream {
    TokenTree::from(Literal::string(s)).into()
}

/// Display of the untouched stream.
#[proc_macro]
pub fn displayed(input: TokenStream) -> TokenStream {
    text(&input.to_string())
}

/// Display after every tree was made anew.
#[proc_macro]
pub fn displayed_rebuilt(input: TokenStream) -> TokenStream {
    text(&rebuild(input).to_string())
}

/// Display of each tree by itself, joined by bars.
#[proc_macro]
pub fn displayed_apart(input: TokenStream) -> TokenStream {
    let parts: Vec<String> = input.into_iter().map(|t| t.to_string()).collect();
    text(&parts.join("|"))
}

/// Debug, without the spans' numbers.
#[proc_macro]
pub fn debugged(input: TokenStream) -> TokenStream {
    let all = format!("{input:?}\n{input:#?}");
    let mut out = String::new();
    let mut rest = all.as_str();
    while let Some(at) = rest.find(" bytes(") {
        out.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find(')').unwrap()..];
    }
    out.push_str(rest);
    text(&out)
}

/// What each tree is, spans with lines and columns and text, a line a tree.
#[proc_macro]
pub fn described(input: TokenStream) -> TokenStream {
    let mut out = String::new();
    describe(input, 0, &mut out);
    text(&out)
}

fn place(span: Span) -> String {
    let (start, end) = (span.start(), span.end());
    format!(
        "{}:{} {}:{}-{}:{} {:?} {:?}",
        span.line(),
        span.column(),
        start.line(),
        start.column(),
        end.line(),
        end.column(),
        span.source_text(),
        span.file(),
    )
}

fn describe(input: TokenStream, depth: usize, out: &mut String) {
    for tree in input {
        let indent = "  ".repeat(depth);
        match tree {
            TokenTree::Ident(i) => {
                out.push_str(&format!("{indent}ident {i} {}\n", place(i.span())))
            }
            TokenTree::Punct(p) => out.push_str(&format!(
                "{indent}punct {} {:?} {}\n",
                p.as_char(),
                p.spacing(),
                place(p.span())
            )),
            TokenTree::Literal(l) => {
                out.push_str(&format!("{indent}literal {l} {}\n", place(l.span())))
            }
            TokenTree::Group(g) => {
                out.push_str(&format!(
                    "{indent}group {:?} {} open {} close {}\n",
                    g.delimiter(),
                    place(g.span()),
                    place(g.span_open()),
                    place(g.span_close())
                ));
                describe(g.stream(), depth + 1, out);
            }
        }
    }
}

/// One of everything that the constructors make, as the elements of a tuple of (text, value).
#[proc_macro]
pub fn every_literal(_: TokenStream) -> TokenStream {
    let literals = vec![
        Literal::u8_suffixed(u8::MAX),
        Literal::u16_suffixed(u16::MAX),
        Literal::u32_suffixed(u32::MAX),
        Literal::u64_suffixed(u64::MAX),
        Literal::u128_suffixed(u128::MAX),
        Literal::usize_suffixed(7),
        Literal::i8_suffixed(-128),
        Literal::i16_suffixed(-1),
        Literal::i32_suffixed(0),
        Literal::i64_suffixed(i64::MIN),
        Literal::i128_suffixed(i128::MAX),
        Literal::isize_suffixed(-7),
        Literal::u8_unsuffixed(1),
        Literal::i64_unsuffixed(-5),
        Literal::f32_suffixed(1.5),
        Literal::f64_suffixed(1e300),
        Literal::f32_unsuffixed(0.1),
        Literal::f64_unsuffixed(1.0),
        Literal::f64_unsuffixed(-2.5),
        Literal::f64_unsuffixed(1e-7),
        Literal::string("a\"b\\c\n\t\r\0\u{7f}\u{e9}\u{202e}'{}"),
        Literal::character('\''),
        Literal::character('"'),
        Literal::character('\u{1f600}'),
        Literal::character('\0'),
        Literal::byte_string(b"a\"\\\n\0\xff'"),
        Literal::byte_character(b'\''),
        Literal::byte_character(0),
        Literal::c_string(&CString::new("c\"\n\u{e9}").unwrap()),
        "r#\"raw \" one\"#".parse().unwrap(),
        "br\"raw\"".parse().unwrap(),
        "cr##\"raw\"# c\"##".parse().unwrap(),
        "0x_ff_u8".parse().unwrap(),
        "0b1010".parse().unwrap(),
        "0o17i64".parse().unwrap(),
        "1_000.5e+1_0f64".parse().unwrap(),
        "1.".parse().unwrap(),
        "1e5".parse().unwrap(),
        "-7i8".parse().unwrap(),
        "'\\u{e9}'".parse().unwrap(),
        "b'\\x41'".parse().unwrap(),
    ];
    let mut inner = TokenStream::new();
    for l in literals {
        let pair: TokenStream = [
            TokenTree::from(Literal::string(&l.to_string())),
            Punct::new(',', Spacing::Alone).into(),
            l.into(),
        ]
        .into_iter()
        .collect();
        inner.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, pair))]);
        inner.extend([TokenTree::from(Punct::new(',', Spacing::Alone))]);
    }
    let mut out: TokenStream = "let _ =".parse().unwrap();
    out.extend([
        TokenTree::from(Group::new(Delimiter::Parenthesis, inner)),
        Punct::new(';', Spacing::Alone).into(),
    ]);
    let mut texts = TokenStream::new();
    texts.extend(out.clone());
    let shown = text(&texts.to_string());
    out.extend(shown);
    TokenTree::from(Group::new(Delimiter::Brace, out)).into()
}

/// Whether text that is no literal, identifier or punctuation is refused, and with which words.
#[proc_macro]
pub fn refusals(_: TokenStream) -> TokenStream {
    let mut out = String::new();
    for source in [
        "1",
        " 1",
        "1 ",
        "-1",
        "--1",
        "- 1",
        "a",
        "\"a\" \"b\"",
        "//1",
        "1u7",
        "'a",
        "'a'b",
        "",
        "-'a'",
        "1.0f32",
        "r\"\"",
        "1 // c",
    ] {
        match source.parse::<Literal>() {
            Ok(l) => out.push_str(&format!("{source:?} is {l} {}\n", l.span().column())),
            Err(e) => out.push_str(&format!("{source:?} is refused: {e} {e:?}\n")),
        }
    }
    for name in [
        "a", "r#a", "r#crate", "_", "", "1a", "a b", "self", "\u{e9}", "e\u{301}", "\u{212b}",
        "a-b", "crate", "'a", "$crate", "\u{fb01}",
    ] {
        let plain = std::panic::catch_unwind(|| Ident::new(name, Span::call_site()).to_string());
        let raw = std::panic::catch_unwind(|| Ident::new_raw(name, Span::call_site()).to_string());
        let say = |r: std::thread::Result<String>| match r {
            Ok(s) => format!("{s:?}"),
            Err(e) => match (e.downcast_ref::<String>(), e.downcast_ref::<&str>()) {
                (Some(s), _) => format!("panic {s}"),
                (_, Some(s)) => format!("panic {s}"),
                _ => "panic".into(),
            },
        };
        out.push_str(&format!("{name:?}: {} {}\n", say(plain), say(raw)));
    }
    for c in ['+', '\'', 'a', ' ', '\u{e9}', '"', '\\'] {
        let made = std::panic::catch_unwind(|| Punct::new(c, Spacing::Joint).to_string());
        out.push_str(&format!("{c:?}: {}\n", made.is_ok()));
    }
    text(&out)
}

/// What a string literal's value is as tokens; refused text is an error of the compiler's lexer.
#[proc_macro]
pub fn parse_text(input: TokenStream) -> TokenStream {
    let source = input.to_string();
    let source = source.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\");
    match source.parse::<TokenStream>() {
        Ok(t) => text(&t.to_string()),
        Err(e) => text(&format!("refused: {e} {e:?}")),
    }
}

/// A function whose locals come from every kind of span: only what is of the call site meets the caller's `x`.
#[proc_macro]
pub fn hygiene(input: TokenStream) -> TokenStream {
    let expression = TokenTree::from(Group::new(Delimiter::Parenthesis, input.clone()));
    let first = input.into_iter().next().unwrap().span();
    let x = |span| TokenTree::from(Ident::new("x", span));
    let assign = |span: Span, value: u8| -> TokenStream {
        let mut s: TokenStream = TokenTree::from(Ident::new("let", Span::call_site())).into();
        s.extend([
            x(span),
            Punct::new('=', Spacing::Alone).into(),
            Literal::u8_unsuffixed(value).into(),
            Punct::new(';', Spacing::Alone).into(),
        ]);
        s
    };
    let mut body = TokenStream::new();
    body.extend(assign(Span::mixed_site(), 1));
    body.extend(assign(Span::mixed_site().located_at(first), 2));
    body.extend(assign(first.resolved_at(Span::mixed_site()), 3));
    body.extend([
        expression.clone(),
        Punct::new('+', Spacing::Alone).into(),
        x(Span::mixed_site()),
    ]);
    TokenTree::from(Group::new(Delimiter::Brace, body)).into()
}

/// Tokens no source can hold: invisible groups, a raw identifier, a lifetime made of two, odd joints.
#[proc_macro]
pub fn odd(input: TokenStream) -> TokenStream {
    let none = |s: TokenStream| TokenTree::from(Group::new(Delimiter::None, s));
    let sum: TokenStream = "1 + 2".parse().unwrap();
    let mut out: TokenStream = "pub const PRODUCT: i32 =".parse().unwrap();
    out.extend([none(sum.clone()), Punct::new('*', Spacing::Alone).into(), none(none(sum).into())]);
    out.extend([TokenTree::from(Punct::new(';', Spacing::Joint))]);
    let shift: TokenStream = [
        TokenTree::from(Punct::new('<', Spacing::Joint)),
        Punct::new('<', Spacing::Joint).into(),
        Punct::new('=', Spacing::Alone).into(),
    ]
    .into_iter()
    .collect();
    out.extend("pub fn shifted(mut n: u32) -> u32".parse::<TokenStream>());
    let mut body: TokenStream = "n".parse().unwrap();
    body.extend(shift);
    body.extend("2; n".parse::<TokenStream>());
    out.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
    out.extend([
        TokenTree::from(Ident::new("pub", Span::call_site())),
        Ident::new("fn", Span::call_site()).into(),
    ]);
    out.extend([
        TokenTree::from(Ident::new_raw("type", Span::call_site())),
        Punct::new('<', Spacing::Alone).into(),
        Punct::new('\'', Spacing::Joint).into(),
        Ident::new("life", Span::call_site()).into(),
        Punct::new('>', Spacing::Alone).into(),
    ]);
    out.extend("(a: &'life [u8]) -> &'life [u8] { &a[1..=2] }".parse::<TokenStream>());
    out.extend(input);
    out
}

/// Keeps the item and adds a constant with what both streams look like.
#[proc_macro_attribute]
pub fn seen(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let name = item
        .clone()
        .into_iter()
        .skip_while(|t| !matches!(t.to_string().as_str(), "fn" | "struct" | "enum" | "mod" | "trait" | "const" | "macro_rules"))
        .find(|t| matches!(t, TokenTree::Ident(i) if !matches!(i.to_string().as_str(), "fn" | "struct" | "enum" | "mod" | "trait" | "const")))
        .map_or("none".into(), |t| t.to_string().to_uppercase());
    let mut out = item.clone();
    out.extend(format!("pub const SEEN_{name}: (&str, &str) =").parse::<TokenStream>());
    let pair: TokenStream = text(&attribute.to_string())
        .into_iter()
        .chain(std::iter::once(TokenTree::from(Punct::new(',', Spacing::Alone))))
        .chain(text(&item.to_string()))
        .collect();
    out.extend([
        TokenTree::from(Group::new(Delimiter::Parenthesis, pair)),
        Punct::new(';', Spacing::Alone).into(),
    ]);
    out
}

/// What a derive is given, as a constant of the type.
#[proc_macro_derive(Shown, attributes(shown, r#as))]
pub fn shown(item: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = item.clone().into_iter().collect();
    let at = trees
        .iter()
        .position(|t| matches!(t.to_string().as_str(), "struct" | "enum" | "union"))
        .unwrap();
    let name = trees[at + 1].to_string();
    let mut out: TokenStream =
        format!("impl {name} {{ pub const SHOWN: &'static str = ").parse().unwrap_or_default();
    out.extend("".parse::<TokenStream>());
    let mut body: TokenStream = "pub const SHOWN: &'static str =".parse().unwrap();
    body.extend(text(&item.to_string()));
    body.extend([TokenTree::from(Punct::new(';', Spacing::Alone))]);
    let mut out: TokenStream = {
        drop(out);
        format!("impl {name}").parse().unwrap()
    };
    out.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
    out
}
