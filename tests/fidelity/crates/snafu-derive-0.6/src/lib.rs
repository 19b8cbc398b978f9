//! `snafu-derive` 0.6: syn 1.
use snafu::{ensure, OptionExt, ResultExt, Snafu};

#[derive(Debug, Snafu)]
#[snafu(visibility = "pub(crate)")]
pub enum Error {
    #[snafu(display("cannot open {}: {}", name, source))]
    Open {
        name: String,
        source: std::io::Error,
    },
    #[snafu(display("none at {}", "place"))]
    Nothing,
    Short {
        left: usize,
    },
}

pub fn go(v: &[u8]) -> Result<u8, Error> {
    ensure!(v.len() > 1, Short { left: v.len() });
    std::fs::File::open("/nonexistent/x").map(|_| ()).or(Ok(())).context(Open { name: "x" })?;
    v.get(2).copied().context(Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts() {
        assert_eq!(go(&[1]).unwrap_err().to_string(), "Short");
        assert_eq!(go(&[1, 2]).unwrap_err().to_string(), "none at place");
    }
}
