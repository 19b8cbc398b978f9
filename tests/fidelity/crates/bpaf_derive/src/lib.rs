//! `bpaf_derive`: its own reading of tokens on top of syn.
use bpaf::{Bpaf, Parser};

/// Greets
///
/// Header
///
/// Footer
#[derive(Clone, Debug, Bpaf, PartialEq)]
#[bpaf(options, version, generate(command_line))]
pub struct Opts {
    #[bpaf(short, long, argument("SPEED"), fallback(42.0), display_fallback)]
    /// Set speed
    pub speed: f64,
    /// Be loud
    #[bpaf(short('v'), long, req_flag(()), many, map(|v| v.len()))]
    pub verbose: usize,
    #[bpaf(guard(small, "too big"), env("UNLIKELY_N"), long("n"))]
    pub n: Option<u8>,
    #[bpaf(external)]
    pub action: Action,
}
#[derive(Clone, Debug, Bpaf, PartialEq)]
pub enum Action {
    #[bpaf(command("add"), short('a'))]
    /// Adds
    Add {
        #[bpaf(positional("FILE"))]
        file: String,
    },
    Remove {
        /// Name
        name: String,
    },
    #[bpaf(hide)]
    Nothing,
}
fn small(n: &Option<u8>) -> bool {
    n.is_none_or(|n| n < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let o = command_line().run_inner(&["-vv", "--n", "3", "add", "f"]).unwrap();
        assert_eq!(
            o,
            Opts { speed: 42.0, verbose: 2, action: Action::Add { file: "f".into() }, n: Some(3) }
        );
        assert!(command_line().run_inner(&["--n", "30", "--nothing"]).is_err());
        let _ = action().to_options();
    }
}
