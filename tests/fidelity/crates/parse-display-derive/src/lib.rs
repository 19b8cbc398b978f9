//! `parse-display-derive`: regular expressions at work inside the macro.
use parse_display::{Display, FromStr};

#[derive(Display, FromStr, PartialEq, Debug)]
#[display("{a:>3}-{b}")]
pub struct Pair<T> {
    #[from_str(regex = "[0-9 ]+", default)]
    #[display("{:>4}")]
    pub a: String,
    pub b: T,
}
#[derive(Display, FromStr, PartialEq, Debug)]
#[display(style = "snake_case")]
pub enum E {
    VarA,
    #[display("{}: {0}")]
    VarB(u32),
    #[from_str(ignore)]
    #[display("c{x}")]
    VarC {
        x: u8,
    },
    #[display("x={x}")]
    VarD {
        x: i8,
    },
}
#[derive(FromStr, PartialEq, Debug)]
#[from_str(regex = r"^(?<r>\d+),(?<g>\d+)$")]
pub struct Regex {
    pub r: u8,
    pub g: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(E::VarB(3).to_string(), "var_b: 3");
        assert_eq!("x=-3".parse(), Ok(E::VarD { x: -3 }));
        assert_eq!("1,2".parse(), Ok(Regex { r: 1, g: 2 }));
        assert!("1;2".parse::<Regex>().is_err());
    }
}
