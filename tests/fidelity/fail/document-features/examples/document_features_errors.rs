#![doc = document_features::document_features!(feature_label = 3)]
const A: &str = document_features::document_features!(label = "x");
const B: &str = document_features::document_features!(feature_label = r"{}");
fn main() {}
