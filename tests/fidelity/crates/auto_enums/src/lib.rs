//! `auto_enums` and `derive_utils`: numbers the enums it makes.
use auto_enums::{auto_enum, enum_derive};

#[auto_enum(Iterator, Clone)]
pub fn which(x: i32) -> impl Iterator<Item = i32> + Clone {
    match x {
        0 => 1..10,
        n if n > 5 => vec![5, 10].into_iter(),
        _ => {
            if x < 0 {
                return std::iter::empty();
            }
            (0..=3).map(|v| v * 2)
        }
    }
}
#[auto_enum]
pub fn nested(x: bool) -> u32 {
    #[auto_enum(Iterator)]
    fn it(x: bool) -> impl Iterator<Item = u32> {
        if x {
            std::iter::once(3)
        } else {
            [1, 2].into_iter()
        }
    }
    it(x).sum()
}
#[enum_derive(Iterator, Clone)]
pub enum Two<A, B> {
    A(A),
    B(B),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterates() {
        assert_eq!(
            (which(0).count(), which(6).count(), which(1).sum::<i32>(), which(-1).count()),
            (9, 2, 12, 0)
        );
        assert_eq!((nested(true), nested(false)), (3, 3));
        assert_eq!(Two::<_, std::ops::Range<u8>>::A(0u8..3).count(), 3);
    }
}
