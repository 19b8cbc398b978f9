//! `rstest_macros`: fixtures, cases, matrices.
#[cfg(test)]
mod tests {
    use rstest::{fixture, rstest};

    #[fixture]
    fn base() -> u32 {
        42
    }
    #[fixture]
    #[once]
    fn shared() -> String {
        "once".into()
    }
    #[fixture]
    fn derived(base: u32, #[default(8)] add: u32) -> u32 {
        base + add
    }

    #[rstest]
    fn uses(
        base: u32,
        derived: u32,
        #[with(1)]
        #[from(derived)]
        other: u32,
        shared: &String,
    ) {
        assert_eq!((base, derived, other), (42, 50, 9));
        assert_eq!(shared, "once");
    }

    #[rstest]
    #[case(0, 0)]
    #[case::named(1, 1)]
    #[case(5, 5)]
    #[should_panic(expected = "assertion")]
    #[case::fails(6, 7)]
    fn cases(#[case] input: u32, #[case] expected: u32) {
        assert_eq!(input, expected);
    }

    #[rstest]
    fn matrix(#[values(1, 2)] a: u8, #[values("x", "yy")] b: &str) {
        assert!(usize::from(a) * b.len() > 0);
    }

    #[rstest]
    #[case("127")]
    fn converts<T: std::fmt::Debug>(#[case] n: T, #[values("1", "2")] m: u8) {
        let _ = (n, m);
    }
}
