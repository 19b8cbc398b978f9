//! `peg-macros`: a parser generator with its own token parser, no syn.
peg::parser! {
    /// Arithmetic
    pub grammar arithmetic() for str {
        use std::collections::BTreeMap;
        pub rule expression() -> i64 = precedence! {
            x:(@) _ "+" _ y:@ { x + y }
            x:(@) _ "-" _ y:@ { x - y }
            --
            x:(@) _ "*" _ y:@ { x * y }
            --
            x:@ _ "^" _ y:(@) { x.pow(y as u32) }
            --
            n:number() { n }
            "(" _ e:expression() _ ")" { e }
        }
        rule number() -> i64 = quiet!{ n:$(['0'..='9']+) {? n.parse().or(Err("i64")) } } / expected!("a number")
        rule _() = [' ' | '\t']*
        rule comma<T>(x: rule<T>) -> Vec<T> = v:x() ** (_ "," _) ","? { v }
        pub rule list() -> Vec<i64> = "[" _ l:comma(<number()>) _ "]" { l }
        #[cache]
        rule cached() -> &'input str = $("c"+)
        pub rule caches() -> usize = c:cached() "d" { c.len() } / c:cached() { c.len() * 2 }
        pub rule word(min: usize) -> &'input str = w:$([c if c.is_alphabetic()]*<1,5>) {? if w.len() >= min { Ok(w) } else { Err("longer") } }
        pub rule map() -> BTreeMap<char, i64> = p:(k:[_] "=" v:number() { (k, v) }) ++ ";" ![_] { p.into_iter().collect() }
        pub rule at() -> (usize, Option<()>) = &"x" "x" p:position!() o:"y"? #{|_, pos| peg::RuleResult::Matched(pos, ())} { (p, o) }
    }
}

#[cfg(test)]
mod tests {
    use super::arithmetic::*;

    #[test]
    fn parses() {
        assert_eq!(expression("1 + 2*(3-1)^2"), Ok(9));
        assert_eq!(list("[1, 2,3]"), Ok(vec![1, 2, 3]));
        assert!(word("ab", 3).is_err());
        assert_eq!(map("a=1;b=2").unwrap()[&'b'], 2);
        assert_eq!(caches("cc"), Ok(4));
        assert_eq!(at("xy"), Ok((1, Some(()))));
        assert!(expression("1+").unwrap_err().expected.to_string().contains("a number"));
    }
}
