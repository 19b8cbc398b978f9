//! `ghost`.
#[ghost::phantom]
#[derive(Copy, Clone, Default, Hash, PartialOrd, Ord, PartialEq, Eq, Debug)]
pub struct MyPhantom<T: ?Sized>;

#[ghost::phantom]
pub struct Variance<'a, #[contra] 'b, #[invariant] T, U>
where
    U: Clone;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit() {
        assert_eq!(format!("{:?}", MyPhantom::<str>), "MyPhantom");
        let _: Variance<'_, '_, u8, u16> = Variance;
        assert_eq!(std::mem::size_of::<MyPhantom<[u8]>>(), 0);
    }
}
