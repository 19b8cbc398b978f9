//! `thiserror` 2: what changed since 1: raw identifiers, infinite recursion check, `#[error(fmt = …)]`.
use std::fmt;
use thiserror::Error;

#[derive(Error, Debug)]
pub enum E<'a, T: fmt::Debug + 'a> {
    #[error("braced {{}} {name} {0:?}", .list.first())]
    Braced { name: &'a str, list: Vec<T> },
    #[error(fmt = hexadecimal)]
    Fmt(u32, u8),
    #[error("{0}{1}")]
    Two(i8, char),
    #[error("…{0:>8}|{0:<8}|{0:^+8.2e}")]
    Spec(f64),
    #[error(transparent)]
    Parse(#[from] std::num::ParseIntError),
    #[error("nothing")]
    Unit,
}

fn hexadecimal(a: &u32, b: &u8, f: &mut fmt::Formatter) -> fmt::Result {
    write!(f, "{a:x}:{b:x}")
}

#[derive(Error, Debug)]
#[error("{}: {source}", match code { 0 => "zero", _ => "other" })]
pub struct Matched {
    pub code: u8,
    pub source: std::fmt::Error,
}

#[derive(Error, Debug)]
#[error("{0}")]
pub struct Tuple<T: fmt::Display>(pub T, #[source] pub std::io::Error);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        assert_eq!(E::<u8>::Fmt(255, 16).to_string(), "ff:10");
        assert_eq!(E::Braced { name: "n", list: vec![1] }.to_string(), "braced {} n Some(1)");
        assert_eq!(
            E::<()>::from("x".parse::<u8>().unwrap_err()).to_string(),
            "invalid digit found in string"
        );
        assert_eq!(Tuple("a", std::io::Error::other("b")).to_string(), "a");
    }
}
