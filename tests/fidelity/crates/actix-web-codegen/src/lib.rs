//! `actix-web-codegen`: routes, scopes, main and test.
use actix_web::{
    connect, delete, get, head, post, route, routes, scope, web, App, HttpResponse, Responder,
};

#[get(
    "/hello/{name}",
    name = "hello",
    guard = "json",
    wrap = "actix_web::middleware::NormalizePath::trim()"
)]
pub async fn hello(name: web::Path<String>) -> impl Responder {
    format!("hello {name}")
}
fn json(_: &actix_web::guard::GuardContext) -> bool {
    true
}

#[post("/echo")]
async fn echo(body: String) -> HttpResponse {
    HttpResponse::Ok().body(body)
}

#[routes]
#[get("/a")]
#[delete("/b")]
#[head("/c")]
async fn many() -> &'static str {
    "many"
}

#[route("/multi", method = "CUSTOM")]
async fn multi() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

#[scope("/scoped")]
pub mod scoped {
    use super::*;
    #[get("/inner")]
    pub async fn inner() -> &'static str {
        "inner"
    }
    #[connect("/tunnel")]
    pub async fn tunnel() -> String {
        String::new()
    }
}

#[actix_web::main]
pub async fn run() -> u8 {
    3
}

pub fn services(c: &mut web::ServiceConfig) {
    c.service(hello).service(echo).service(many).service(multi).service(scoped::inner);
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test as web_test;

    #[actix_web::test]
    async fn answers() {
        let app = web_test::init_service(App::new().configure(services)).await;
        let body = web_test::call_and_read_body(
            &app,
            web_test::TestRequest::get().uri("/hello/ann").to_request(),
        )
        .await;
        assert_eq!(body, "hello ann");
        let r =
            web_test::call_service(&app, web_test::TestRequest::delete().uri("/b").to_request())
                .await;
        assert!(r.status().is_success());
        let body = web_test::call_and_read_body(
            &app,
            web_test::TestRequest::get().uri("/scoped/inner").to_request(),
        )
        .await;
        assert_eq!(body, "inner");
    }

    #[test]
    fn main_runs() {
        assert_eq!(run(), 3);
    }
}
