use serde::{Deserialize, Serialize};
#[derive(Serialize, Deserialize)]
struct S {
    #[serde(rename_it = "x", skip, nope)]
    a: u8,
}
fn main() {}
