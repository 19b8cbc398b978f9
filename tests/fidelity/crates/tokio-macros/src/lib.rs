//! `tokio-macros`: main, test, select, join.
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
pub async fn current() -> Result<u8, std::num::ParseIntError> {
    let n = "7".parse::<u8>()?;
    Ok(n)
}

#[tokio::main(worker_threads = 2)]
pub async fn multi() -> u32 {
    tokio::spawn(async { 41 }).await.unwrap() + 1
}

pub async fn selects(mut stop: tokio::sync::oneshot::Receiver<()>) -> &'static str {
    let mut n = 0;
    loop {
        tokio::select! {
            biased;
            _ = &mut stop, if n > 2 => break "stopped",
            v = async { 1 } => { n += v; }
            Some(x) = async { None::<u8> } => { let _ = x; }
            else => break "else",
        }
    }
}

pub async fn joins() -> (u8, &'static str) {
    let (a, b) = tokio::join!(async { 1u8 }, async { "two" });
    let r: Result<(u8, u8), ()> = tokio::try_join!(async { Ok(1) }, async { Ok(2) });
    assert_eq!(r, Ok((1, 2)));
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn select_ends() {
        let (tx, rx) = tokio::sync::oneshot::channel();
        tx.send(()).unwrap();
        assert_eq!(selects(rx).await, "stopped");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn join_joins() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(joins().await, (1, "two"));
    }

    #[test]
    fn mains() {
        assert_eq!((current(), multi()), (Ok(7), 42));
    }
}
