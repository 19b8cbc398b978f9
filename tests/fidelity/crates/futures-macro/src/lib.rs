//! `futures-macro`: join, try_join, select, select_biased, stream_select.
use futures::{
    executor::block_on, future, pin_mut, select, select_biased, stream, FutureExt, StreamExt,
};

pub async fn joins() -> (u8, char) {
    futures::join!(async { 1 }, future::ready('x'))
}
pub async fn tries(ok: bool) -> Result<(u8, u8), &'static str> {
    futures::try_join!(async { Ok(1) }, async move {
        if ok {
            Ok(2)
        } else {
            Err("no")
        }
    },)
}
pub async fn selects() -> i32 {
    let a = future::ready(1).fuse();
    let b = future::pending::<i32>().fuse();
    pin_mut!(a, b);
    let mut total = 0;
    loop {
        select! {
            x = a => total += x,
            y = b => { total += y; }
            complete => break,
            default => break,
        };
    }
    select_biased! {
        z = future::ready(10).fuse() => total + z,
        () = future::pending().fuse() => 0,
    }
}
pub fn streams() -> Vec<i32> {
    let mut v: Vec<i32> =
        block_on(futures::stream_select!(stream::iter([1, 2]), stream::iter([3])).collect());
    v.sort();
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all() {
        assert_eq!(block_on(joins()), (1, 'x'));
        assert_eq!(block_on(tries(false)), Err("no"));
        assert_eq!(block_on(selects()), 11);
        assert_eq!(streams(), [1, 2, 3]);
    }

    #[futures_test]
    fn unused() {}
    use std::prelude::v1::test as futures_test;
}
