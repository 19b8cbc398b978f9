use actix_web::*;
#[get("no-slash", wrong = "x")]
async fn a() -> String {
    String::new()
}
#[get]
async fn b() {}
#[route("/x")]
async fn c() {}
#[route("/x", method = "bad method")]
async fn d() {}
#[get("/y")]
fn e() -> String {
    String::new()
}
#[post("/z/{")]
async fn f() -> NotAResponder {
    NotAResponder
}
struct NotAResponder;
fn main() {}
