#[derive(serde::Deserialize)]
#[serde(tag = "t", untagged, transparent)]
enum E {
    A(u8, u8),
    #[serde(skip, flatten)]
    B { x: u8 },
}
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(bound = "T: ?")]
struct S<T>(T);
fn main() {}
