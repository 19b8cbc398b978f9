//! What comes in.

use crate::Log;
use proc_macro::{TokenStream, TokenTree};

pub(crate) fn probe(log: &mut Log, input: TokenStream) {
    log.line("display", &input);
    log.line("debug", format_args!("{input:?}"));
    log.line("pretty", format_args!("{input:#?}"));
    log.line("empty", input.is_empty());
    log.line("size_hint", format_args!("{:?}", input.clone().into_iter().size_hint()));
    log.line("count", input.clone().into_iter().count());
    for tree in input.clone() {
        log.line("tree", &tree);
        log.line("  padded", format_args!("[{tree:>9}] [{tree:<9?}]"));
        match &tree {
            TokenTree::Group(group) => {
                log.line(
                    "  group",
                    format_args!("{group} {:?} {}", group.delimiter(), group.stream()),
                );
                log.line(
                    "  spans",
                    format_args!("{:?} {:?}", group.span_open(), group.span_close()),
                );
                probe(log, group.stream());
            }
            TokenTree::Ident(ident) => log.line("  ident", format_args!("{ident} [{ident:>9}]")),
            TokenTree::Punct(punct) => {
                let (ch, eq) = (punct.as_char(), *punct == ':' && ':' == *punct);
                log.line("  punct", format_args!("{punct} {ch:?} {:?} {eq}", punct.spacing()));
            }
            TokenTree::Literal(literal) => {
                log.line("  literal", format_args!("{literal} [{literal:>9}] {literal:#?}"));
            }
        }
    }
    // Halfway through, and taken together again.
    let mut trees = input.clone().into_iter();
    let first = trees.next();
    let others = trees.clone();
    log.line("rest", trees.collect::<TokenStream>());
    log.line("rest again", others.size_hint().0);
    log.line("first", first.map(TokenStream::from).unwrap_or_default());
    log.line("rebuilt", input.clone().into_iter().collect::<TokenStream>());
    let mut twice = input.clone();
    twice.extend(input);
    log.line("twice", twice);
}
