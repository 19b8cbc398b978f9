//! `structopt` 0.3: proc-macro-error, syn 1.
use structopt::{clap::arg_enum, StructOpt};

/// A basic example
#[derive(StructOpt, Debug)]
#[structopt(name = "basic", rename_all = "kebab-case", author)]
pub struct Opt {
    /// Activate debug mode
    ///
    /// With a second paragraph.
    #[structopt(short, long)]
    pub debug: bool,
    #[structopt(short, long, parse(from_occurrences))]
    pub verbose: u8,
    #[structopt(short, long, default_value = "42", env = "UNLIKELY_SPEED")]
    pub speed: f64,
    #[structopt(short = "L", long = "level", possible_values = &["low", "high"])]
    pub level: Option<String>,
    #[structopt(name = "FILE", parse(from_os_str))]
    pub files: Vec<std::path::PathBuf>,
    #[structopt(flatten)]
    pub more: More,
    #[structopt(subcommand)]
    pub cmd: Option<Cmd>,
}

#[derive(StructOpt, Debug)]
pub struct More {
    #[structopt(long, parse(try_from_str = parse_hex))]
    pub number: Option<u32>,
    #[structopt(skip)]
    pub skipped: u8,
}
fn parse_hex(src: &str) -> Result<u32, std::num::ParseIntError> {
    u32::from_str_radix(src, 16)
}

#[derive(StructOpt, Debug)]
pub enum Cmd {
    #[structopt(about = "adds", alias = "plus")]
    Add {
        n: u8,
    },
    Sub(More),
    #[structopt(external_subcommand)]
    Other(Vec<String>),
}

arg_enum! {
    #[derive(PartialEq, Debug)]
    pub enum Baz { Foo, Bar }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let o = Opt::from_iter(&["basic", "-vvv", "--number", "ff", "a.txt", "b.txt"]);
        assert_eq!((o.verbose, o.more.number, o.files.len(), o.speed), (3, Some(255), 2, 42.0));
    }
}
