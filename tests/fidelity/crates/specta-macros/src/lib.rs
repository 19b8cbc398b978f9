//! `specta-macros`.
use specta::Type;

#[derive(Type)]
#[specta(rename_all = "camelCase")]
pub struct S<T> {
    pub the_name: String,
    #[specta(optional)]
    pub t: Option<T>,
    #[specta(skip)]
    pub hidden: u8,
}
#[derive(Type)]
pub enum E {
    A,
    B(u8),
    C { x: Vec<u8> },
}
pub fn function(a: u8, b: String) -> Vec<u8> {
    vec![a, b.len() as u8]
}

#[cfg(test)]
mod tests {
    #[test]
    fn callable() {
        assert_eq!(super::function(1, "ab".into()), [1, 2]);
    }
}
