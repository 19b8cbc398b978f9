use serde::Serialize;
struct NotSerialize;
#[derive(Serialize)]
struct S<'a, T> {
    a: NotSerialize,
    #[serde(serialize_with = "missing::function")]
    b: &'a T,
    #[serde(with = "not a path")]
    c: u8,
}
#[derive(serde::Deserialize)]
#[serde(rename_all = "wavy")]
enum E {
    #[serde(rename = 3)]
    A,
    #[serde(other)]
    B(u8),
}
fn main() {}
