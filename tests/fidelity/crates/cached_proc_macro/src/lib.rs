//! `cached_proc_macro`: darling on functions.
use cached::proc_macro::{cached, once};

#[cached(size = 10)]
pub fn fib(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        fib(n - 1) + fib(n - 2)
    }
}
#[cached(key = "String", convert = r#"{ format!("{}{}", a, b) }"#, result = true, name = "STORE")]
pub fn keyed(a: &str, b: u8) -> Result<usize, ()> {
    if b == 0 {
        Err(())
    } else {
        Ok(a.len())
    }
}
#[once(option = true)]
pub fn only(n: u8) -> Option<u8> {
    (n > 1).then_some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches() {
        assert_eq!(fib(50), 12586269025);
        assert_eq!((keyed("ab", 1), keyed("ab", 0)), (Ok(2), Err(())));
        assert_eq!((only(1), only(3), only(9)), (None, Some(3), Some(3)));
    }
}
