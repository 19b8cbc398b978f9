//! `ref-cast-impl`.
use ref_cast::{ref_cast_custom, RefCast, RefCastCustom};

#[derive(RefCast, Debug)]
#[repr(transparent)]
pub struct Text<T: ?Sized = str> {
    #[trivial]
    marker: std::marker::PhantomData<u8>,
    inner: T,
}
#[derive(RefCastCustom)]
#[repr(transparent)]
pub struct Private([u8]);
impl Private {
    #[ref_cast_custom]
    pub const fn new<'a>(bytes: &'a [u8]) -> &'a Self;
    #[ref_cast_custom]
    pub fn new_mut(bytes: &mut [u8]) -> &mut Self;
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts() {
        assert_eq!(&Text::<str>::ref_cast("ab").inner, "ab");
        assert_eq!(Private::new(b"abc").len() + Private::new_mut(&mut [0]).len(), 4);
    }
}
