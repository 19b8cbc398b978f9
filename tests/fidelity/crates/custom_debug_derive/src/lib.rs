//! `custom_debug_derive`: synstructure 0.13, darling.
use custom_debug::Debug;

#[derive(Debug)]
pub struct S<'a, T> {
    #[debug(format = "{:02x}")]
    pub x: u8,
    #[debug(skip)]
    pub hidden: &'a T,
    #[debug(with = hex)]
    pub y: u32,
    #[debug(skip_if = Option::is_none)]
    pub opt: Option<u8>,

    pub t: T,
}
fn hex(n: &u32, f: &mut std::fmt::Formatter) -> std::fmt::Result {
    write!(f, "{n:#X}")
}
#[derive(Debug)]
pub enum E {
    A,
    B(#[debug(format = "<{}>")] u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows() {
        let s = S { x: 10, hidden: &1, y: 255, opt: None, t: 7 };
        assert_eq!(format!("{s:?} {:?}", E::B(1)), "S { x: 0a, y: 0xFF, t: 7 } B(<1>)");
    }
}
