//! Edition 2015 on both sides, and a macro crate renamed in `Cargo.toml`.
#[macro_use]
extern crate renamed_old;

#[derive(HeapSize)]
pub struct Named<'a, T: 'a>
where
    T: Clone,
{
    #[heap(skip)]
    pub a: &'a T,
    pub b: [u8; 3],
}
#[derive(HeapSize)]
pub struct Tuple(u8, u16);

pub mod inner {
    try_async!(1 + 2);
    pub trait Anonymous {
        fn f(u8) -> u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works() {
        assert_eq!(Named { a: &1u8, b: [0; 3] }.heap_size(), ::std::mem::size_of::<usize>() + 3);
        assert_eq!(Tuple(1, 2).heap_size(), 3);
        assert_eq!(inner::async(1), 4);
    }
}
