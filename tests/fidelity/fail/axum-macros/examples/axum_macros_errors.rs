use axum::extract::*;
use axum::debug_handler;
#[debug_handler]
async fn a(x: u8) -> String {
    String::new()
}
#[debug_handler]
async fn b() -> NotAResponse {
    NotAResponse
}
struct NotAResponse;
#[debug_handler]
fn c() {}
#[debug_handler(state = u8, stat = 1)]
async fn d(s: String, State(x): State<u16>) {}
#[derive(FromRequest)]
#[from_request(via(Json), via(Form))]
struct E(u8);
#[derive(FromRequestParts)]
union F {
    a: u8,
}
#[debug_handler]
async fn g() {
    let rc = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(rc);
}
fn main() {}
