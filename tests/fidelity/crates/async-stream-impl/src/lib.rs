//! `async-stream-impl`.
use async_stream::{stream, try_stream};
use futures::{Stream, StreamExt};

pub fn numbers(n: u32) -> impl Stream<Item = u32> {
    stream! {
        for i in 0..n {
            yield i;
        }
        let inner = stream! { yield 100; yield 200u32; };
        for await v in inner {
            if v > 150 { yield v } else { yield 1 }
        }
    }
}
pub fn tries(text: &str) -> impl Stream<Item = Result<u8, std::num::ParseIntError>> + '_ {
    try_stream! {
        for part in text.split(',') {
            let n: u8 = part.parse()?;
            yield n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    #[test]
    fn yields() {
        assert_eq!(block_on(numbers(2).collect::<Vec<_>>()), [0, 1, 1, 200]);
        let v = block_on(tries("1,x,2").collect::<Vec<_>>());
        assert!(v.len() == 2 && v[0] == Ok(1) && v[1].is_err());
    }
}
