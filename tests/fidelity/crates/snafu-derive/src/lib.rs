//! `snafu-derive`: context selectors.
use snafu::{prelude::*, Backtrace, Location, Whatever};
use std::path::{Path, PathBuf};

#[derive(Debug, Snafu)]
#[snafu(visibility(pub(crate)), context(suffix(Ctx)))]
pub enum Error<T: std::fmt::Debug + 'static> {
    #[snafu(display("could not read {}: {source}", path.display()))]
    Read { source: std::io::Error, path: PathBuf, backtrace: Backtrace },
    #[snafu(display("id {id:?} at {location}"))]
    Bad {
        id: T,
        #[snafu(implicit)]
        location: Location,
    },
    #[snafu(context(false), display("parse: {source}"))]
    Parse { source: std::num::ParseIntError },
    #[snafu(whatever, display("{message}"))]
    Other {
        message: String,
        #[snafu(source(from(Box<dyn std::error::Error>, Some)))]
        source: Option<Box<dyn std::error::Error>>,
    },
}

#[derive(Debug, Snafu)]
#[snafu(source(from(Error<u8>, Box::new)))]
pub struct Opaque(Box<Error<u8>>);

#[derive(Debug, Snafu)]
#[snafu(module(leafs), display("leaf"))]
pub struct Leaf;

pub fn read(p: &Path) -> Result<String, Error<u8>> {
    std::fs::read_to_string(p).context(ReadCtx { path: p })
}
pub fn check(id: u8) -> Result<u8, Error<u8>> {
    ensure!(id > 3, BadCtx { id });
    "x9".trim_start_matches('x').parse::<u8>()?;
    Ok(id)
}
#[snafu::report]
pub fn reported() -> Result<(), Whatever> {
    if false {
        whatever!("never {}", 1)
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts() {
        assert!(read(Path::new("nowhere"))
            .unwrap_err()
            .to_string()
            .starts_with("could not read nowhere:"));
        assert!(check(1).unwrap_err().to_string().starts_with("id 1 at crates"));
        assert_eq!(check(4).unwrap(), 4);
        assert!(Opaque::from(check(0).unwrap_err()).to_string().starts_with("id 0"));
    }
}
