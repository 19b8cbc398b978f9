//! `gumdrop_derive`: syn 1.
use gumdrop::Options;

/// Program
#[derive(Debug, Options)]
pub struct My {
    #[options(free, required)]
    pub free: Vec<String>,
    #[options(help = "print help message")]
    pub help: bool,
    #[options(help = "give a string", meta = "STR", default = "x")]
    pub string: String,
    #[options(count, short = "v")]
    pub verbose: u32,
    #[options(no_short, parse(try_from_str = "hex"))]
    pub number: Option<u32>,
}
fn hex(s: &str) -> Result<u32, std::num::ParseIntError> {
    u32::from_str_radix(s, 16)
}
#[derive(Debug, Options)]
pub struct Outer {
    #[options(command)]
    pub cmd: Option<Cmd>,
}
#[derive(Debug, Options)]
pub enum Cmd {
    #[options(help = "makes")]
    MakeIt(Make),
}
#[derive(Debug, Options)]
pub struct Make {
    #[options(free)]
    pub what: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let o = Make::parse_args_default(&["boat"]).unwrap();
        assert_eq!(o.what.as_deref(), Some("boat"));
        assert!(Outer::parse_args_default(&["make-it", "x"]).unwrap().cmd.is_some());
        let o = My::parse_args_default(&["-vv", "--number", "ff", "a", "b"]).unwrap();
        assert_eq!((o.verbose, o.number, o.string.as_str(), o.free.len()), (2, Some(255), "x", 2));
    }
}
