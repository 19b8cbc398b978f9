//! What is built.

use crate::Log;
use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use std::str::FromStr;

const PUNCTUATION: &str = "=<>!~+-*/%^&|@.,;:#$?'";

pub(crate) fn constructors(log: &mut Log, input: TokenStream) {
    for ch in PUNCTUATION.chars() {
        log.line("punct", format_args!("{:?}", Punct::new(ch, Spacing::Joint)));
    }
    for ch in ['a', '"', '(', '\\', '_', ' ', 'é', '\u{a7}', '\u{13d}', '\0'] {
        log.caught("bad punct", || Punct::new(ch, Spacing::Alone));
    }
    let site = Span::call_site();
    for name in [
        "a", "_", "__x9", "self", "Self", "super", "crate", "$crate", "fn", "größe", "e\u{301}",
        "数", "_é",
    ] {
        log.caught("ident", || Ident::new(name, site).to_string());
        log.caught("raw", || Ident::new_raw(name, site).to_string());
    }
    for name in [
        "",
        "1",
        "a b",
        "a-b",
        "r#a",
        "'a",
        "\"",
        "é b",
        "🦀",
        "a\u{200d}",
        "\u{301}",
        "$",
        "$a",
        "a\0",
    ] {
        log.caught("bad ident", || Ident::new(name, site));
        log.caught("bad raw", || Ident::new_raw(name, site));
    }
    for delimiter in [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None]
    {
        let group = Group::new(delimiter, input.clone());
        log.line("group", format_args!("{group:?} {group} {}", TokenTree::from(group.clone())));
        let empty = Group::new(delimiter, TokenStream::new());
        log.line("empty", format_args!("{empty:?} {empty} {:?}", empty.stream()));
    }
    let mut tree = TokenTree::from(Ident::new("moved", site));
    tree.set_span(input.into_iter().next().map_or(site, |tree| tree.span()));
    log.line("moved", format_args!("{tree:?}"));
}

/// Joins of all kinds: rustc glues punctuation at each of them.
pub(crate) fn streams(log: &mut Log, input: TokenStream) {
    log.line("new", format_args!("[{}] {:?}", TokenStream::new(), TokenStream::default()));
    log.line("none", TokenStream::from_iter(Vec::<TokenTree>::new()).is_empty());
    let joint = |ch| TokenTree::from(Punct::new(ch, Spacing::Joint));
    let alone = |ch| TokenTree::from(Punct::new(ch, Spacing::Alone));
    let word = |name| TokenTree::from(Ident::new(name, Span::call_site()));
    for a in PUNCTUATION.chars() {
        let mut line = String::new();
        for b in PUNCTUATION.chars() {
            let pair: TokenStream = [joint(a), alone(b), word("x")].into_iter().collect();
            let apart: TokenStream = [alone(a), joint(b), word("x")].into_iter().collect();
            line += &format!("{pair} | {apart} | ");
            let spacings = pair.into_iter().map(|tree| match tree {
                TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint => 'j',
                TokenTree::Punct(_) => 'a',
                _ => 'w',
            });
            line.extend(spacings);
        }
        log.line("pairs", line);
    }
    let mut whole = TokenStream::new();
    whole.extend([joint('<'), joint('<')]);
    whole.extend(TokenStream::from(alone('=')));
    whole.extend(input.clone());
    whole.extend([
        TokenTree::from(Literal::i8_suffixed(-7)),
        TokenTree::from(Literal::f64_unsuffixed(-0.5)),
    ]);
    whole.extend([input.clone(), TokenStream::new(), input.clone()]);
    whole.extend([joint('\''), word("a"), joint('\''), word("b")]);
    whole.extend([Ident::new("fn", Span::call_site()), Ident::new_raw("fn", Span::mixed_site())]);
    whole.extend([Group::new(Delimiter::Brace, whole.clone())]);
    whole.extend([
        Punct::new('.', Spacing::Joint),
        Punct::new('.', Spacing::Joint),
        Punct::new('=', Spacing::Alone),
    ]);
    whole.extend([Literal::string("s"), Literal::character('c')]);
    log.line("whole", &whole);
    log.line("apart", whole.clone().into_iter().map(|tree| format!("{tree} ")).collect::<String>());
    log.line("count", format_args!("{:?}", whole.clone().into_iter().size_hint()));
    log.line("again", whole.into_iter().collect::<TokenStream>());
    let streams = [input.clone(), TokenStream::new(), input.clone()];
    log.line("streams", streams.into_iter().collect::<TokenStream>());
    // Touched: the spans are others, the content is the same.
    for tree in input {
        if let TokenTree::Group(mut group) = tree {
            let before = group.clone();
            group.set_span(Span::mixed_site());
            log.line("touched", format_args!("{group} {before}"));
            log.line("wrapped", Group::new(Delimiter::None, group.stream()));
        }
    }
}

pub(crate) fn deep(log: &mut Log, _input: TokenStream) {
    let mut stream = TokenStream::new();
    for _ in 0..200 {
        stream = TokenTree::from(Group::new(Delimiter::Bracket, stream)).into();
    }
    log.line("deep", stream.to_string().len());
    let mut stream = TokenStream::new();
    for _ in 0..100_000 {
        stream = TokenTree::from(Group::new(Delimiter::Bracket, stream)).into();
    }
    log.line("deeper", stream.into_iter().count());
    let mut wide = TokenStream::new();
    for number in 0..50_000 {
        wide.extend([TokenTree::from(Literal::u32_unsuffixed(number))]);
    }
    log.line("wide", wide.clone().into_iter().count());
    log.line("text", wide.to_string().len());
}

/// Texts that are tokens, and texts that are none.
const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "a b",
    "a+b",
    "a + b",
    "fn f ( ) { }",
    "f()",
    "(a,b)",
    "[1 ,2]",
    "{ a; }",
    "::a::b",
    "a . b",
    "a..b",
    "..=",
    "<<=",
    "->",
    "=> ",
    "'a",
    "'a'",
    "'static 'b",
    "r#fn",
    "0",
    "1u8",
    "1.5",
    "1.",
    "1e5",
    "0x1F_u8",
    "1_000",
    "\"s\"",
    "\"\\n\\\"\"",
    "r\"x\"",
    "r##\"a\"#b\"##",
    "b\"x\"",
    "br#\"x\"#",
    "c\"x\"",
    "cr\"x\"",
    "b'x'",
    "'\\''",
    "\"\u{e9}\"",
    "größe",
    "e\u{301}",
    "/* c */ a",
    "a // c",
    "/// doc\nfn f(){}",
    "//! inner\n",
    "#![a]",
    "#[a = \"b\"]",
    "$x",
    "$crate",
    "macro_rules! m { ($($t:tt)*) => {} }",
    "-1",
    "- 1",
    "-1.5f32",
    "a-1",
    "!a",
    "&&a",
    "& & a",
    "&'a mut b",
    "|| {}",
    "a::<B<C>>()",
    "x as u8",
    "true",
    "_",
    "self",
    "1usize",
    "1.0f64",
    "3f32",
    "2foo",
    "\"a\"suffix",
];
const BAD_TEXTS: &[&str] = &[
    "(",
    ")",
    "(]",
    "{",
    "\"",
    "'",
    "'ab'",
    "/*",
    "\\",
    "\u{1F980}",
    "r#\"",
    "0x",
    "b'é'",
    "1e+",
    "a)",
    "0b2",
    "0o8",
    "12e",
    "#!",
    "`",
    "\"\\q\"",
    "'\\u{110000}'",
];

pub(crate) fn from_text(log: &mut Log, _input: TokenStream) {
    for text in TEXTS {
        let stream = TokenStream::from_str(text);
        let display = stream.as_ref().map(|stream| stream.to_string());
        log.line(text, format_args!("{display:?} {stream:?}"));
        if let Ok(stream) = stream {
            let again: TokenStream = stream.into_iter().collect();
            log.line("  rebuilt", again);
        }
    }
}

/// The compiler reports most of these itself, besides what the macro gets.
pub(crate) fn from_bad_text(log: &mut Log, _input: TokenStream) {
    for text in BAD_TEXTS {
        log.caught(text, || match TokenStream::from_str(text) {
            Ok(stream) => format!("{stream} {stream:?}"),
            Err(error) => format!("{error} {error:?}"),
        });
        log.caught("literal", || match Literal::from_str(text) {
            Ok(literal) => format!("{literal} {literal:?}"),
            Err(error) => format!("{error} {error:?}"),
        });
    }
    panic!("{}", std::mem::take(&mut log.0));
}

pub(crate) fn literals(log: &mut Log, _input: TokenStream) {
    for text in TEXTS {
        match Literal::from_str(text) {
            Ok(literal) => log.line(text, format_args!("{literal} {literal:?}")),
            Err(error) => log.line(text, format_args!("{error} {error:?}")),
        }
    }
    macro_rules! numbers {
        ($($unsuffixed:ident $suffixed:ident $ty:ident),*) => {$(
            for number in [$ty::MIN, $ty::MAX, 0 as $ty, 1 as $ty] {
                for literal in [Literal::$unsuffixed(number), Literal::$suffixed(number)] {
                    let stream = TokenStream::from(TokenTree::from(literal.clone()));
                    let trees: Vec<_> = stream.clone().into_iter().map(|tree| tree.to_string()).collect();
                    log.line("number", format_args!("{literal} {literal:?} {stream} {trees:?}"));
                }
            }
        )*};
    }
    numbers! {
        u8_unsuffixed u8_suffixed u8, u16_unsuffixed u16_suffixed u16, u32_unsuffixed u32_suffixed u32,
        u64_unsuffixed u64_suffixed u64, u128_unsuffixed u128_suffixed u128, i8_unsuffixed i8_suffixed i8,
        i16_unsuffixed i16_suffixed i16, i32_unsuffixed i32_suffixed i32, i64_unsuffixed i64_suffixed i64,
        i128_unsuffixed i128_suffixed i128, f32_unsuffixed f32_suffixed f32, f64_unsuffixed f64_suffixed f64
    }
    for number in [0.1, 1e21, -1e-7, 1.5e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0] {
        log.caught("f64", || (Literal::f64_unsuffixed(number), Literal::f64_suffixed(number)));
        log.caught("f64 suffixed", || Literal::f64_suffixed(number));
        log.caught("f32", || Literal::f32_unsuffixed(number as f32));
        log.caught("f32 suffixed", || Literal::f32_suffixed(number as f32));
    }
    for ch in ('\0'..='\u{ff}').chain(['\u{301}', '\u{200b}', '\u{e000}', '\u{10ffff}', '数', '🦀'])
    {
        let text = format!("a{ch}b");
        log.line("text", format_args!("{} {}", Literal::character(ch), Literal::string(&text)));
    }
    for byte in 0..=255 {
        let string = Literal::byte_string(&[b'0', byte, b'9']);
        log.line("byte", format_args!("{} {string}", Literal::byte_character(byte)));
    }
    for text in [c"", c"plain", c"\x01'\"\\", c"\xff\xfegr\u{f6}\xc3"] {
        log.line("c", Literal::c_string(text));
    }
}

/// See `identity`.
pub(crate) fn rebuild(way: &str, input: TokenStream) -> TokenStream {
    match way {
        "untouched" => input,
        "tokens" => input.into_iter().collect(),
        "deep" => deep_copy(input),
        "text" => input.to_string().parse().unwrap(),
        "group" => TokenTree::from(Group::new(Delimiter::None, input)).into(),
        "split" => {
            let mut trees = input.into_iter();
            let half = trees.size_hint().0 / 2;
            let mut first: TokenStream = trees.by_ref().take(half).collect();
            first.extend(trees.collect::<TokenStream>());
            first
        }
        "respan" => {
            let respan = |mut tree: TokenTree| {
                let span = tree.span();
                tree.set_span(Span::call_site().located_at(span));
                tree
            };
            input.into_iter().map(respan).collect()
        }
        _ => panic!("no such way: {way}"),
    }
}

fn deep_copy(input: TokenStream) -> TokenStream {
    let copy = |tree| match tree {
        TokenTree::Group(group) => {
            let mut copy = Group::new(group.delimiter(), deep_copy(group.stream()));
            copy.set_span(group.span());
            copy.into()
        }
        tree => tree,
    };
    input.into_iter().map(copy).collect()
}
