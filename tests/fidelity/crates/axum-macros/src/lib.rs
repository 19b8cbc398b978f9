//! `axum-macros`.
use axum::extract::{FromRef, FromRequest, FromRequestParts, Path, Query, State};
use axum::{debug_handler, debug_middleware, Json};

#[derive(Clone, FromRef)]
pub struct App {
    pub name: String,
    pub count: u32,
    #[from_ref(skip)]
    pub other: u32,
}

#[derive(FromRequestParts)]
#[from_request(state(App))]
pub struct Parts {
    #[from_request(via(Query))]
    pub params: Params,
    pub method: axum::http::Method,
    pub state: State<App>,
}
#[derive(serde::Deserialize)]
pub struct Params {
    pub page: Option<u32>,
}

#[derive(FromRequest, serde::Deserialize)]
#[from_request(via(Json), rejection(Rejected))]
pub struct Body {
    pub n: u8,
}
pub struct Rejected(pub String);
impl From<axum::extract::rejection::JsonRejection> for Rejected {
    fn from(r: axum::extract::rejection::JsonRejection) -> Self {
        Rejected(r.to_string())
    }
}
impl axum::response::IntoResponse for Rejected {
    fn into_response(self) -> axum::response::Response {
        self.0.into_response()
    }
}

#[debug_handler(state = App)]
pub async fn handler(
    State(n): State<u32>,
    Path(id): Path<u64>,
    body: Body,
) -> Result<String, Rejected> {
    Ok(format!("{n}{id}{}{}", body.n, ""))
}

#[debug_middleware]
pub async fn layer(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_ref() {
        let a = App { name: "n".into(), count: 3, other: 4 };
        assert_eq!((String::from_ref(&a), u32::from_ref(&a)), ("n".to_string(), 3));
    }
}
