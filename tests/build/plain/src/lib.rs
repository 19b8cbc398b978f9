//! One macro crate of the registry, without dependencies.

paste::paste! {
    pub fn [<one _ name>]() -> &'static str {
        stringify!([<One Name>])
    }
}

#[test]
fn pasted() {
    assert_eq!(one_name(), "OneName");
}
