//! `serial_test_derive`.
#[cfg(test)]
mod tests {
    use serial_test::{parallel, serial};

    #[test]
    #[serial]
    fn one() {}

    #[test]
    #[serial(name, other)]
    fn two() -> Result<(), String> {
        Ok(())
    }

    #[test]
    #[parallel(name)]
    #[should_panic]
    fn three() {
        panic!()
    }

    #[serial(crate = serial_test)]
    mod inner {
        #[test]
        fn four() {}
    }
}
