//! `clap_derive`: parser, subcommands, arguments, value enums.
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Does a thing
///
/// And tells of it at length.
#[derive(Parser, Debug, PartialEq)]
#[command(name = "thing", version, about, long_about, author = "Someone")]
pub struct Cli {
    /// Name to greet
    #[arg(short, long, default_value_t = String::from("world"), value_name = "NAME")]
    pub name: String,
    /// How loud
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[arg(long, env = "UNLIKELY_VARIABLE", hide_env_values = true)]
    pub config: Option<PathBuf>,
    #[arg(value_enum, long, default_value_t)]
    pub mode: Mode,
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Args, Debug, PartialEq, Clone)]
#[group(required = false, multiple = false)]
pub struct Shared {
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=10))]
    pub port: Option<u16>,
    #[arg(long, conflicts_with("port"), num_args = 1.., value_delimiter = ',')]
    pub hosts: Vec<String>,
}

#[derive(Subcommand, Debug, PartialEq)]
#[command(rename_all = "snake_case")]
pub enum Command {
    /// Adds files to the list
    #[command(visible_alias = "a", arg_required_else_help = true)]
    AddFiles { files: Vec<PathBuf> },
    /// Removes
    Remove(RemoveArgs),
    #[command(external_subcommand)]
    Other(Vec<String>),
}

#[derive(Args, Debug, PartialEq)]
pub struct RemoveArgs {
    #[arg(short = 'f', long = "force")]
    pub force: bool,
    #[clap(skip = 3usize)]
    pub skipped: usize,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Default)]
pub enum Mode {
    #[default]
    FastMode,
    /// Slow but sure
    #[value(name = "slow", alias = "s")]
    Slow,
    #[value(skip)]
    Hidden,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn parses() {
        let c = Cli::parse_from(["thing", "-vv", "--mode", "slow", "--port", "3", "remove", "-f"]);
        assert_eq!((c.verbose, c.mode, c.shared.port), (2, Mode::Slow, Some(3)));
        assert_eq!(c.command, Some(Command::Remove(RemoveArgs { force: true, skipped: 3 })));
        assert_eq!(Mode::FastMode.to_possible_value().unwrap().get_name(), "fast-mode");
    }
}
