//! `ntest_test_cases` and `ntest_timeout`.
#[cfg(test)]
mod tests {
    use ntest::{test_case, timeout};

    #[test_case(13, true, "a")]
    #[test_case(14, false, "b", name = "fourteen")]
    fn cases(x: u32, odd: bool, s: &str) {
        assert!((x % 2 == 1) == odd && s.len() == 1);
    }

    #[test]
    #[timeout(60_000)]
    fn in_time() {
        assert_eq!(1 + 1, 2);
    }
}
