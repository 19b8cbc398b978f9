//! `pest_derive`: compiles a grammar from a file of the package or from the attribute.
use pest::Parser;

#[derive(pest_derive::Parser)]
#[grammar = "csv.pest"]
pub struct Csv;

pub mod inline {
    /// Numbers
    #[derive(pest_derive::Parser)]
    #[grammar_inline = r#"
//! Grammar docs
WHITESPACE = _{ " " }
/// A number
number = @{ "-"? ~ ASCII_DIGIT+ }
sum = { SOI ~ number ~ ("+" ~ number)* ~ EOI }
"#]
    pub struct Sum;
}

pub fn total(text: &str) -> Result<i64, Box<pest::error::Error<inline::Rule>>> {
    let mut n = 0;
    for p in inline::Sum::parse(inline::Rule::sum, text)?.next().unwrap().into_inner() {
        if p.as_rule() == inline::Rule::number {
            n += p.as_str().parse::<i64>().unwrap();
        }
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let file = Csv::parse(Rule::file, "1,2\n3,4\n").unwrap().next().unwrap();
        assert_eq!(file.into_inner().filter(|p| p.as_rule() == Rule::record).count(), 2);
        assert_eq!(total("1 + -2 + 3").unwrap(), 2);
        assert!(total("1 +").is_err());
    }
}
