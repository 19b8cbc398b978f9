//! `trait-variant`.
#[trait_variant::make(SendService: Send)]
pub trait Service<T: 'static> {
    const NAME: &'static str;
    type Out<'a>: Copy
    where
        Self: 'a;
    /// Documented
    async fn call(&self, t: T) -> u8;
    fn stream(&self) -> impl Iterator<Item = u8> + '_;
    fn plain(&mut self) -> Self::Out<'_>;
}

pub struct S;
impl SendService<u8> for S {
    const NAME: &'static str = "s";
    type Out<'a> = u8;
    async fn call(&self, t: u8) -> u8 {
        t
    }
    fn stream(&self) -> impl Iterator<Item = u8> + '_ {
        0..3
    }
    fn plain(&mut self) -> u8 {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both() {
        assert_eq!(<S as Service<u8>>::stream(&S).count() + SendService::plain(&mut S) as usize, 4);
    }
}
