//! `bytecheck_derive` and `ptr_meta_derive`: what bytes may be.
use bytecheck::{check_bytes, rancor::Failure, CheckBytes};
use ptr_meta::pointee;

#[derive(CheckBytes, Debug)]
#[repr(C)]
pub struct Pair<T> {
    pub on: bool,
    pub value: T,
}

#[derive(CheckBytes, Debug, PartialEq)]
#[repr(u8)]
pub enum Kind {
    Zero,
    Three = 3,
    Named { a: u8 },
    Tuple(bool, char),
}

#[derive(CheckBytes)]
#[bytecheck(verify)]
#[repr(transparent)]
pub struct Even(pub u8);

unsafe impl<C: bytecheck::rancor::Fallible + ?Sized> bytecheck::Verify<C> for Even
where
    C::Error: bytecheck::rancor::Source,
{
    fn verify(&self, _: &mut C) -> Result<(), C::Error> {
        if self.0 % 2 == 0 {
            return Ok(());
        }
        #[derive(Debug)]
        struct Odd;
        impl std::fmt::Display for Odd {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("odd")
            }
        }
        impl std::error::Error for Odd {}
        bytecheck::rancor::fail!(Odd);
    }
}

#[pointee]
pub trait Shape {
    fn sides(&self) -> u32;
}

#[derive(ptr_meta::Pointee)]
#[repr(C)]
pub struct Tail<T> {
    pub head: u8,
    pub tail: [T],
}

pub fn is_pair(bytes: &[u8; 2]) -> bool {
    unsafe { check_bytes::<Pair<u8>, Failure>(bytes.as_ptr().cast()).is_ok() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn checks() {
        assert!(super::is_pair(&[1, 9]) && !super::is_pair(&[2, 9]));
    }
}
