use async_trait::async_trait;
#[async_trait]
trait A {
    async fn f(&self) -> u8;
    async fn g<'a>(&'a self, x: &str) -> &'a str;
}
struct S;
#[async_trait]
impl A for S {
    async fn f(&self) -> u8 {
        let rc = std::rc::Rc::new(1);
        std::future::ready(()).await;
        *rc
    }
    async fn g<'a>(&'a self, x: &str) -> &'a str {
        x
    }
    async fn extra(&self) {}
}
#[async_trait]
struct NotATrait;
#[async_trait(Send)]
trait B {}
#[async_trait]
trait C {
    async fn c() -> Self {
        unreachable!();
        let x = 1;
    }
}
fn main() {}
