//! `async-recursion`.
use async_recursion::async_recursion;

#[async_recursion]
pub async fn fib(n: u32) -> u64 {
    match n {
        0 | 1 => n as u64,
        _ => fib(n - 1).await + fib(n - 2).await,
    }
}

#[async_recursion(?Send)]
pub async fn walk<'a, T>(list: &'a [T], f: &mut dyn FnMut(&'a T)) -> usize
where
    T: 'a,
{
    if let Some((first, rest)) = list.split_first() {
        f(first);
        1 + walk(rest, f).await
    } else {
        0
    }
}

pub struct S;
impl S {
    #[async_recursion(Sync)]
    pub async fn down(&self, n: u8) -> u8 {
        if n == 0 {
            0
        } else {
            self.down(n - 1).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    #[test]
    fn recurses() {
        assert_eq!(block_on(fib(10)), 55);
        let mut sum = 0;
        assert_eq!(block_on(walk(&[1, 2, 3], &mut |x| sum += x)), 3);
        assert_eq!((sum, block_on(S.down(9))), (6, 0));
    }
}
