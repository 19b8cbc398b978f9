//! `argh_derive`.
use argh::{ArgsInfo, FromArgValue, FromArgs};

/// Top-level command.
#[derive(FromArgs, ArgsInfo, PartialEq, Debug)]
#[argh(
    description = "Reach new heights.",
    example = "{command_name} --height 3",
    note = "Mind the gap",
    error_code(1, "bad")
)]
pub struct Top {
    /// whether to jump
    #[argh(switch, short = 'j')]
    pub jump: bool,
    /// how high
    #[argh(option, default = "5", from_str_fn(always_five))]
    pub height: usize,
    /// a nickname
    #[argh(option, long = "nick", arg_name = "NAME")]
    pub nickname: Option<String>,
    /// how
    #[argh(option, default = "Mode::Soft")]
    pub mode: Mode,
    #[argh(subcommand)]
    pub nested: Option<Sub>,
}
fn always_five(_: &str) -> Result<usize, String> {
    Ok(5)
}
#[derive(FromArgs, ArgsInfo, PartialEq, Debug)]
#[argh(subcommand)]
pub enum Sub {
    One(One),
    Two(Two),
}
#[derive(FromArgs, ArgsInfo, PartialEq, Debug)]
/// First.
#[argh(subcommand, name = "one")]
pub struct One {
    #[argh(positional)]
    /// all of them
    pub files: Vec<String>,
}
#[derive(FromArgs, ArgsInfo, PartialEq, Debug)]
/// Second.
#[argh(subcommand, name = "two", help_triggers("-h", "--help"))]
pub struct Two {
    #[argh(switch)]
    /// fooey
    pub fooey: bool,
    #[argh(positional, greedy)]
    /// rest
    pub rest: Vec<String>,
}
#[derive(FromArgValue, PartialEq, Debug)]
pub enum Mode {
    Soft,
    HardCore,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let t = Top::from_args(
            &["t"],
            &["-j", "--height", "9", "--mode", "hard_core", "one", "a", "b"],
        )
        .unwrap();
        assert_eq!((t.jump, t.height, t.mode), (true, 5, Mode::HardCore));
        assert_eq!(t.nested, Some(Sub::One(One { files: vec!["a".into(), "b".into()] })));
        assert!(Top::from_args(&["t"], &["--help"])
            .unwrap_err()
            .output
            .contains("Reach new heights."));
    }
}
