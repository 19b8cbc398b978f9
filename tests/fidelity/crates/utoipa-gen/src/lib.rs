//! `utoipa-gen`: OpenAPI documents.
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, OpenApi, ToResponse, ToSchema};

/// A pet.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"petId": 1}), title = "Pet")]
pub struct Pet<T> {
    #[schema(minimum = 1, maximum = 100, format = Int64)]
    pub pet_id: u64,
    /// Its name
    #[schema(max_length = 10, pattern = "[a-z]+", default = "rex")]
    pub name: Option<String>,
    pub kind: Kind,
    pub extra: T,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "c")]
pub enum Kind {
    Cat,
    Dog(u8),
    Fish {
        #[schema(value_type = String, format = Binary)]
        scales: Vec<u8>,
    },
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
pub struct Filter {
    #[param(allow_reserved, example = "x")]
    pub q: Option<String>,
    #[param(inline)]
    pub limit: u32,
}

#[derive(ToSchema, ToResponse)]
#[response(description = "bad", content_type = "application/json")]
pub struct Bad {
    pub why: String,
}
#[derive(IntoResponses)]
pub enum Responses {
    /// Fine
    #[response(status = 200)]
    Ok(Bad),
    #[response(status = NOT_FOUND, description = "gone")]
    Gone,
}

/// Gets a pet.
///
/// At length.
#[utoipa::path(
    get, path = "/pets/{id}", tag = "pets",
    params(("id" = u64, Path, description = "which"), Filter),
    responses((status = 200, description = "found", body = Pet<u8>, headers(("x-n" = i32))), (status = "4XX", response = Bad)),
    security((), ("key" = ["read", "write"])),
)]
pub fn get_pet() {}

#[derive(OpenApi)]
#[openapi(
    paths(get_pet),
    components(schemas(Kind), responses(Bad)),
    tags((name = "pets", description = "Pets")),
    servers((url = "http://{host}/v1", variables(("host" = (default = "localhost"))))),
)]
pub struct Api;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document() {
        let json = Api::openapi().to_json().unwrap();
        assert!(
            json.contains("\"operationId\":\"get_pet\"") && json.contains("/pets/{id}"),
            "{json}"
        );
    }
}
