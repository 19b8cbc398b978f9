//! `test-case`.
#[cfg(test)]
mod tests {
    use test_case::{test_case, test_matrix};

    #[test_case(-2, -4; "when both operands are negative")]
    #[test_case(2, 4 ; "positive")]
    #[test_case(4, 2; "swapped")]
    fn multiplication(x: i8, y: i8) {
        assert_eq!((x * y).abs(), 8);
    }

    #[test_case(4 => 2)]
    #[test_case(0 => panics "zero")]
    #[test_case(9 => matches 3..=4)]
    #[test_case(100 => ignore["reason"] 0; "ignored")]
    #[test_case(16 => is equal_to 4)]
    #[test_case(25 => with |r: u32| assert!(r > 4))]
    #[test_case(36 => using check)]
    fn root(n: u32) -> u32 {
        assert!(n != 0, "zero");
        (n as f64).sqrt() as u32
    }
    fn check(r: u32) {
        assert_eq!(r, 6);
    }

    #[test_matrix([1, 2], 3..5, ("a", "b"))]
    fn matrix(a: u8, b: u8, c: &str) {
        assert!(a < b && !c.is_empty());
    }
}
