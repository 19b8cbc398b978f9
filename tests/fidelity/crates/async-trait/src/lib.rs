//! `async-trait`: lifetimes, generics, default bodies, `?Send`.
use async_trait::async_trait;
use std::fmt::Display;

#[async_trait]
pub trait Service<'ctx, T: Send + 'static>: Sync {
    const ID: u8;
    type Out: Display + Send;
    async fn call(&self, ctx: &'ctx str, input: T) -> Self::Out
    where
        T: 'async_trait;
    async fn twice(&mut self, a: &str, b: &str) -> String {
        let x = format!("{a}{b}");
        x.repeat(2)
    }
    fn sync(&self) -> usize;
    async fn generic<F, R>(&self, f: F) -> R
    where
        F: FnOnce() -> R + Send,
        R: Send + 'static,
    {
        f()
    }
}

pub struct Plain(pub usize);

#[async_trait]
impl<'ctx> Service<'ctx, u8> for Plain {
    const ID: u8 = 1;
    type Out = String;
    async fn call(&self, ctx: &'ctx str, mut input: u8) -> Self::Out {
        input += 1;
        let Self(n) = self;
        format!("{ctx}{input}{n}")
    }
    fn sync(&self) -> usize {
        self.0
    }
}

#[async_trait(?Send)]
pub trait Local {
    async fn get(&self, (a, b): (i32, i32), _: ()) -> i32 {
        std::future::ready(a * b).await
    }
    async fn own(self: std::rc::Rc<Self>) -> usize {
        std::rc::Rc::strong_count(&self)
    }
}
#[async_trait(?Send)]
impl Local for Plain {}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    #[test]
    fn calls() {
        let mut p = Plain(5);
        assert_eq!(block_on(p.call("c", 1)), "c25");
        assert_eq!(block_on(p.twice("a", "b")), "abab");
        assert_eq!(block_on(p.generic(|| 3)), 3);
        assert_eq!(block_on(p.get((2, 3), ())), 6);
        assert_eq!(block_on(std::rc::Rc::new(Plain(1)).own()), 1);
        assert_eq!(p.sync() + usize::from(<Plain as Service<u8>>::ID), 6);
    }
}
