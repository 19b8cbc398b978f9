//! `logos-derive`: a lexer generator: its output is large and ordered.
use logos::{Lexer, Logos, Skip};

#[derive(Logos, Debug, PartialEq, Clone)]
#[logos(skip r"[ \t\n\f]+", error = LexError, extras = u32, subpattern exp = r"[eE][+-]?[0-9]+")]
pub enum Token<'s> {
    #[token("fast", ignore(case))]
    Fast,
    #[token(".", priority = 10)]
    Period,
    #[regex("[a-zA-Zé]+")]
    Text(&'s str),
    #[regex(r"[0-9]+", |lex| lex.slice().parse().ok())]
    Number(u64),
    #[regex(r"[0-9]+\.[0-9]+(?&exp)?", callback = float)]
    Float(f64),
    #[token("/*", comment)]
    Comment,
    #[regex(r#""([^"\\]|\\["\\bnfrt]|\\u[a-fA-F0-9]{4})*""#)]
    String,
}
#[derive(Debug, PartialEq, Clone, Default)]
pub struct LexError;
fn float<'s>(lex: &mut Lexer<'s, Token<'s>>) -> f64 {
    lex.extras += 1;
    lex.slice().parse().unwrap_or(0.0)
}
fn comment<'s>(lex: &mut Lexer<'s, Token<'s>>) -> Skip {
    let n = lex.remainder().find("*/").map_or(lex.remainder().len(), |n| n + 2);
    lex.bump(n);
    Skip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lexes() {
        let v: Vec<_> =
            Token::lexer("Fast é 12 /* x */ 1.5e3 . \"a\\n\"").collect::<Result<_, _>>().unwrap();
        assert_eq!(
            v,
            [
                Token::Fast,
                Token::Text("é"),
                Token::Number(12),
                Token::Float(1500.0),
                Token::Period,
                Token::String
            ]
        );
        assert_eq!(Token::lexer("#").next(), Some(Err(LexError)));
    }
}
