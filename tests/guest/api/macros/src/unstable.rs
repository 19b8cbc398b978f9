//! What nightly adds.

use crate::Log;
use proc_macro::{
    quote, tracked, Delimiter, Diagnostic, Group, Ident, Level, Literal, Span, ToTokens,
    TokenStream, TokenTree,
};

pub(crate) fn spans(log: &mut Log, input: TokenStream) {
    log.line("def", format_args!("{:?}", Span::def_site()));
    log.line("def parent", format_args!("{:?}", Span::def_site().parent()));
    let mut last = Span::call_site();
    for tree in input {
        let span = tree.span();
        log.line("tree", format_args!("{tree} {span:?} {:?}", span.byte_range()));
        log.line(
            "  parent",
            format_args!("{:?} {:?}", span.parent(), span.parent().and_then(|span| span.parent())),
        );
        log.line("  source", format_args!("{:?} {:?}", span.source(), span.source().byte_range()));
        let (start, end) = (span.start(), span.end());
        log.line("  ends", format_args!("{:?} {:?}", start.byte_range(), end.byte_range()));
        log.line(
            "  join",
            format_args!("{:?} {:?}", last.join(span), span.join(Span::mixed_site())),
        );
        let moved = span.located_at(span);
        log.line("  eq", format_args!("{} {} {}", span.eq(&last), span.eq(&moved), start.eq(&end)));
        if let TokenTree::Literal(literal) = &tree {
            let subspans = [
                literal.subspan(1..2),
                literal.subspan(..),
                literal.subspan(2..=2),
                literal.subspan(..900),
            ];
            log.line("  sub", format_args!("{subspans:?} {:?}", literal.subspan(3..1)));
        }
        if let TokenTree::Group(group) = tree {
            spans(log, group.stream());
        }
        last = span;
    }
}

pub(crate) fn values(log: &mut Log, _input: TokenStream) {
    let texts = [
        "\"plain\"",
        "\"a\\n\\t\\\\\\\"\\'\\0\\x41\\u{1F980}\"",
        "\"a\\\n   b\"",
        "r\"raw\\n\"",
        "r#\"a\"b\"#",
        "b\"bytes\\xff\\0\"",
        "br\"x\\\"",
        "c\"c\\xff\\u{e9}é\"",
        "cr\"c\"",
        "'a'",
        "'\\u{41}'",
        "'\\''",
        "'é'",
        "b'a'",
        "b'\\xff'",
        "1",
        "1.5",
    ];
    for text in texts {
        let literal: Literal = text.parse().unwrap();
        log.line(
            text,
            format_args!(
                "{:?} {:?} {:?}",
                literal.str_value(),
                literal.byte_str_value(),
                literal.cstr_value()
            ),
        );
        log.line(
            "  chars",
            format_args!("{:?} {:?}", literal.character_value(), literal.byte_character_value()),
        );
    }
}

pub(crate) fn quoting(log: &mut Log, input: TokenStream) {
    let name = Ident::new("name", Span::call_site());
    let list = vec![1u8, 2, 3];
    log.line("quote", quote!(fn $name() -> [u8; 3] { let x = "s" + 'c' + 1.5; [$($list),*] }));
    log.line("nested", quote!($( $list => { $input } )*));
    log.line("dollar", quote!($$x r#fn 'a ::b && c));
    let mut tokens = TokenStream::new();
    (1u8, "a").0.to_tokens(&mut tokens);
    "text".to_tokens(&mut tokens);
    String::from("string").to_tokens(&mut tokens);
    'c'.to_tokens(&mut tokens);
    true.to_tokens(&mut tokens);
    (-5i64).to_tokens(&mut tokens);
    2.5f32.to_tokens(&mut tokens);
    c"c".to_tokens(&mut tokens);
    Some(3usize).to_tokens(&mut tokens);
    None::<u8>.to_tokens(&mut tokens);
    Box::new(&&mut name.clone()).to_tokens(&mut tokens);
    std::borrow::Cow::Borrowed("cow").to_tokens(&mut tokens);
    Group::new(Delimiter::Bracket, input).into_token_stream().to_tokens(&mut tokens);
    tokens.extend_one(TokenTree::from(name));
    log.line("tokens", tokens.to_token_stream());
}

pub(crate) fn expand(log: &mut Log, input: TokenStream) {
    log.line("input", format_args!("{:?}", input.expand_expr().map(|stream| stream.to_string())));
    // Calls of other macros than these are refused in the sandbox: they could read (src/tokens/review.h).
    for text in ["concat!(\"a\", 1)", "1", "-1", "true", "line!()", "stringify!(a b)"] {
        let stream: TokenStream = text.parse().unwrap();
        let expanded = stream.expand_expr();
        let length = expanded.as_ref().map_or(0, |stream| stream.to_string().len());
        match expanded {
            Ok(stream) if length < 100 => log.line(text, stream),
            Ok(_) => log.line(text, length),
            Err(error) => log.line(text, format_args!("{error} {error:?}")),
        }
    }
    log.line("empty", format_args!("{:?}", TokenStream::new().expand_expr().is_err()));
}

pub(crate) fn tracked(log: &mut Log, _input: TokenStream) {
    log.line("set", format_args!("{:?}", tracked::env_var("CARGO_PKG_NAME")));
    log.line("not", format_args!("{:?}", tracked::env_var("API_IS_NOT_SET")));
    tracked::path("Cargo.toml");
}

pub(crate) fn diagnostics(input: TokenStream) {
    let spans: Vec<Span> = input.into_iter().map(|tree| tree.span()).collect();
    let site = Span::call_site();
    spans[0].warning("at the first").emit();
    spans[1].note("a note").help("with help").emit();
    spans[2].help("help").span_note(spans[0], "see the first").emit();
    Diagnostic::spanned(spans.clone(), Level::Warning, "at all of them")
        .span_warning(vec![spans[0], spans[1]], "these two")
        .span_help(&spans[1..], "and these")
        .warning("by the way")
        .emit();
    let mut diagnostic = Diagnostic::new(Level::Warning, "nowhere");
    diagnostic.set_level(Level::Note);
    diagnostic.set_message(format!(
        "{} {:?} {:?}",
        diagnostic.message(),
        diagnostic.level(),
        diagnostic.spans().len()
    ));
    diagnostic.set_spans(site);
    let diagnostic = diagnostic.error("child").span_error(site, "child with a place");
    assert_eq!(diagnostic.children().count(), 2);
    assert_eq!(format!("{diagnostic:?}").matches("Diagnostic").count(), 3);
    diagnostic.emit();
}
