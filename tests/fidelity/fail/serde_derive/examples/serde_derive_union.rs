#[derive(serde::Serialize)]
union U {
    a: u8,
}
fn main() {}
