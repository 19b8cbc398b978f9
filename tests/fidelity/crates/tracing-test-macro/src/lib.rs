//! `tracing-test-macro`: state: gives each test a name of its own.
#[cfg(test)]
mod tests {
    use tracing::{info, warn};
    use tracing_test::traced_test;

    #[traced_test]
    #[test]
    fn logs() {
        info!("This is logged");
        assert!(logs_contain("logged"));
        assert!(!logs_contain("warned"));
    }

    mod other {
        use super::*;
        #[traced_test]
        #[test]
        fn logs() {
            warn!(n = 3, "warned");
            assert!(logs_contain("warned"));
            logs_assert(|lines: &[&str]| match lines.len() {
                1 => Ok(()),
                n => Err(format!("{n}")),
            });
        }
    }
}
