//! `failure_derive`: synstructure 0.12, syn 1.
use failure::{Backtrace, Fail};

#[derive(Debug, Fail)]
pub enum ToolError {
    #[fail(display = "invalid name: {}", name)]
    Name {
        name: String,
        #[fail(cause)]
        cause: std::fmt::Error,
        backtrace: Backtrace,
    },
    #[fail(display = "io {} of {:?}", _0, _1)]
    Io(#[cause] std::io::Error, Option<u8>),
    #[fail(display = "none")]
    None,
}

#[derive(Debug, Fail)]
#[fail(display = "generic {}", value)]
pub struct Generic<T: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static> {
    pub value: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays() {
        assert_eq!(ToolError::None.to_string(), "none");
        assert_eq!(Generic { value: 3 }.to_string(), "generic 3");
        let e = ToolError::Io(std::io::Error::other("x"), Some(1));
        assert!(e.cause().is_some());
        assert_eq!(e.to_string(), "io x of Some(1)");
    }
}
