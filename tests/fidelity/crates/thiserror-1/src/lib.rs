//! `thiserror` 1: display formats, sources, transparent errors, generics.
use std::fmt::{Debug, Display};
use std::path::PathBuf;
use thiserror::Error;

#[derive(Error, Debug)]
pub enum StoreError {
    #[error("data store disconnected")]
    Disconnect(#[from] std::io::Error),
    #[error("the data for key `{0}` is not available")]
    Redaction(String),
    #[error("invalid header (expected {expected:?}, found {found:?})")]
    InvalidHeader { expected: String, found: String },
    #[error("at {path:?}: {}", .source.len())]
    Path { path: PathBuf, source: Inner },
    #[error("{var:.3}, {}, {x}", .0.0, var = 1.5, x = .0.1)]
    Args((u8, u8)),
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

#[derive(Error, Debug)]
#[error("inner of {} bytes", self.len())]
pub struct Inner(pub Vec<u8>);
impl Inner {
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[derive(Error, Debug)]
#[error("generic {value} in {r#type}")]
pub struct Generic<T, E>
where
    T: Display,
{
    pub value: T,
    pub r#type: &'static str,
    #[source]
    pub cause: E,
}

#[derive(Error, Debug)]
#[error("{a:x} {0}", "literal", a = *.code)]
pub struct Coded {
    pub code: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn formats() {
        let e = StoreError::Path { path: "a".into(), source: Inner(vec![1, 2]) };
        assert_eq!(e.to_string(), "at \"a\": 2");
        assert!(e.source().is_some());
        assert_eq!(StoreError::Args((3, 4)).to_string(), "1.500, 3, 4");
        assert_eq!(Coded { code: 255 }.to_string(), "ff literal");
        let g = Generic { value: 1, r#type: "t", cause: Inner(vec![]) };
        assert_eq!(g.to_string(), "generic 1 in t");
        assert!(g.source().is_some());
    }
}
