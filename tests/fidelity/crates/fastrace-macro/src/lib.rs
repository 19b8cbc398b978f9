//! `fastrace-macro`.
use fastrace::trace;

#[trace]
pub fn plain(a: u8) -> u8 {
    a + 1
}
#[trace(name = "renamed", enter_on_poll = true)]
pub async fn later<'a, T: Clone>(t: &'a T) -> T {
    t.clone()
}
#[trace(short_name = true, properties = { "k1": "v1", "a": "argument {a:?}" })]
pub async fn with(a: i64) -> i64 {
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computes() {
        assert_eq!(
            (
                plain(1),
                futures::executor::block_on(later(&3)),
                futures::executor::block_on(with(4))
            ),
            (2, 3, 4)
        );
    }
}
