//! `lazy-regex-proc_macros`: compiles the regular expression in the macro to check it.
use lazy_regex::{
    bytes_lazy_regex, lazy_regex, regex, regex_captures, regex_if, regex_is_match,
    regex_replace_all, regex_switch, Lazy, Regex,
};

pub static WORD: Lazy<Regex> = lazy_regex!(r"^(\w+)\s$"i);
pub fn all(text: &str) -> (bool, Option<String>, String) {
    let is = regex_is_match!("^a+$", text);
    let captured = regex_captures!(r#"(\w)(?<n>\d)"#x, text).map(|(_, a, b)| format!("{b}{a}"));
    let replaced = regex_replace_all!(r"\d", text, |d: &str| format!("<{d}>")).into_owned();
    (is, captured, replaced)
}
pub fn switch(text: &str) -> Option<u8> {
    regex_switch!(text,
        r"^n(?<n>\d+)$" => n.parse().unwrap_or(0),
        r"^x" => 9,
    )
}
pub fn bytes(b: &[u8]) -> bool {
    static B: Lazy<lazy_regex::BytesRegex> = bytes_lazy_regex!("[ab]+");
    B.is_match(b)
        && regex!("a"m).is_match("a")
        && regex_if!("^(?<x>q)", "q", x == "q").unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches() {
        assert_eq!(all("k7"), (false, Some("7k".into()), "k<7>".into()));
        assert_eq!(
            (switch("n12"), switch("xx"), switch("?"), bytes(b"ab")),
            (Some(12), Some(9), None, true)
        );
    }
}
