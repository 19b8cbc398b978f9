//! `impl-trait-for-tuples` and `maybe-async`.
use impl_trait_for_tuples::impl_for_tuples;

pub trait Notify {
    fn notify(&self) -> u64;
}
#[impl_for_tuples(4)]
impl Notify for Tuple {
    fn notify(&self) -> u64 {
        let mut sum = 0;
        for_tuples!( #( sum += Tuple.notify(); )* );
        sum
    }
}
impl Notify for u8 {
    fn notify(&self) -> u64 {
        u64::from(*self)
    }
}

#[impl_for_tuples(1, 3)]
pub trait Marked {
    fn mark(&self);
}

pub trait Many {
    type Out;
    const N: u32;
    fn all() -> Self::Out;
}
#[impl_for_tuples(3)]
#[tuple_types_custom_trait_bound(Default)]
impl Many for Identifier {
    for_tuples!( type Out = ( #( Identifier ),* ); );
    const N: u32 = 3;
    fn all() -> Self::Out {
        (for_tuples!( #( Identifier::default() ),* ))
    }
}

#[maybe_async::maybe_async]
pub trait Get {
    async fn get(&self, n: u8) -> u8;
    fn plain() -> u8 {
        1
    }
}
pub struct Getter;
#[maybe_async::maybe_async]
impl Get for Getter {
    async fn get(&self, n: u8) -> u8 {
        n + 1
    }
}
#[maybe_async::must_be_sync]
pub async fn twice(n: u8) -> u8 {
    once(n).await + once(n).await
}
#[maybe_async::maybe_async]
pub async fn once(n: u8) -> u8 {
    Getter.get(n).await
}
#[maybe_async::sync_impl]
pub fn only_sync() {}
#[maybe_async::async_impl]
pub fn only_async() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums() {
        assert_eq!((1u8, (2u8, 3u8), 4u8).notify(), 10);
        assert_eq!(<(u8, i8) as Many>::all(), (0, 0));
    }
}
