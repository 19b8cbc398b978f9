//! `linkme-impl`.
use linkme::distributed_slice;

#[distributed_slice]
pub static SHOW: [fn(u8) -> u8];

#[distributed_slice(SHOW)]
fn double(x: u8) -> u8 {
    x * 2
}
#[distributed_slice(SHOW)]
static NEXT: fn(u8) -> u8 = |x| x + 1;

pub mod inner {
    #[linkme::distributed_slice]
    pub static WORDS: [&'static str];
    #[linkme::distributed_slice(WORDS)]
    static HELLO: &str = "hello";
}

#[cfg(test)]
mod tests {
    #[test]
    fn collects() {
        let mut v: Vec<u8> = super::SHOW.iter().map(|f| f(5)).collect();
        v.sort();
        assert_eq!(v, [6, 10]);
        assert_eq!(super::inner::WORDS.len(), 1);
    }
}
