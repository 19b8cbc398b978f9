//! `test-log-macros`.
#[cfg(test)]
mod tests {
    use test_log::test;

    #[test]
    fn plain() {
        log::info!("seen");
        assert_eq!(1 + 1, 2);
    }

    #[test(tokio::test(flavor = "current_thread"))]
    async fn inside_another() -> Result<(), std::fmt::Error> {
        Ok(())
    }

    #[test_log::test]
    fn filtered() {}

    #[test_log::test]
    #[should_panic(expected = "yes")]
    fn panics() {
        panic!("yes")
    }
}
