#[tokio::main(flavor = "multi_thread", worker_threads = "two", unknown = 3)]
async fn main(x: u8) {}
#[tokio::test(flavor = "sideways")]
async fn t() {}
#[tokio::main(crate = "tokio", flavor = "current_thread", worker_threads = 1)]
async fn other() -> u8 {
    "text"
}
