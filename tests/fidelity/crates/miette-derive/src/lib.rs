//! `miette-derive`.
use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

#[derive(Error, Debug, Diagnostic)]
#[error("oops {n}")]
#[diagnostic(code(oops::my::bad), url("https://example.com/{}", self.n), help("try {} instead", .n + 1), severity(Warning))]
pub struct Bad {
    pub n: u8,
    #[source_code]
    pub src: NamedSource<String>,
    #[label("this bit {n}")]
    pub at: SourceSpan,
    #[label(collection, "others")]
    pub others: Vec<SourceSpan>,
    #[related]
    pub related: Vec<Inner>,
    #[diagnostic_source]
    #[source]
    pub cause: Inner,
}

#[derive(Error, Debug, Diagnostic)]
pub enum Inner {
    #[error("a")]
    #[diagnostic(code(a), url(docsrs))]
    A(#[help] String),
    #[error(transparent)]
    #[diagnostic(transparent)]
    B(#[from] Leaf),
    #[error("c")]
    C {
        #[label(primary)]
        at: Option<SourceSpan>,
    },
}

#[derive(Error, Debug, Diagnostic, Default)]
#[error("leaf")]
#[diagnostic()]
pub struct Leaf;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells() {
        let b = Bad {
            n: 1,
            src: NamedSource::new("f", "text".into()),
            at: (0, 2).into(),
            others: vec![],
            related: vec![Leaf.into()],
            cause: Inner::A("h".into()),
        };
        assert_eq!(b.code().unwrap().to_string(), "oops::my::bad");
        assert_eq!(b.help().unwrap().to_string(), "try 2 instead");
        assert_eq!(b.labels().unwrap().next().unwrap().label(), Some("this bit 1"));
        assert_eq!(b.related().unwrap().count(), 1);
    }
}
