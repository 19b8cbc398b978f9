//! `const_format_proc_macros`: a format parser without syn, errors by quote_spanned.
use const_format::{
    concatc, concatcp, formatc, formatcp, map_ascii_case, str_replace, writec, Case, ConstDebug,
    Formatter, FormattingFlags,
};

pub const NAME: &str = "const";
pub const MESSAGE: &str = formatcp!("{NAME}-{}-{0:#x}-{n:?}", 10u8, n = "é\n");
pub const BOTH: &str = concatcp!(NAME, 3u8, 'x', true, MESSAGE);
pub const UPPER: &str = map_ascii_case!(Case::UpperSnake, "someName here");
pub const REPLACED: &str = str_replace!("abcabc", "b", "--");

#[derive(ConstDebug)]
pub struct Point<T: ?Sized> {
    pub x: u32,
    #[cdeb(ignore)]
    pub hidden: std::marker::PhantomData<T>,
    #[cdeb(is_a(array))]
    pub list: [u8; 2],
}
#[derive(ConstDebug)]

pub enum E {
    A,
    B(u8),
    C { c: &'static str },
}
pub const P: &str =
    formatc!("{:?}", Point::<u8> { x: 1, hidden: std::marker::PhantomData, list: [1, 2] });
pub const Q: &str = concatc!(P, "!");
pub const fn write(f: &mut Formatter<'_>) -> const_format::Result {
    writec!(f, "{:x}", 255u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        assert!(MESSAGE.starts_with("const-"), "{MESSAGE}");
        assert_eq!((UPPER, REPLACED), ("SOME_NAME_HERE", "a--ca--c"));
        assert!(Q.ends_with('!') && BOTH.starts_with("const3xtrue"));
        let _ = FormattingFlags::NEW;
    }
}
