//! `document-features`: reads the `Cargo.toml` of the crate being compiled.
//!
//! # Features
#![doc = document_features::document_features!()]

/// Formatted:
#[doc = document_features::document_features!(feature_label = r#"<span class="feature">{feature}</span>"#)]
pub fn documented() {}

pub const TEXT: &str = document_features::document_features!();

#[cfg(test)]
mod tests {
    #[test]
    fn lists_features() {
        assert!(
            super::TEXT.contains("**`lights`** *(enabled by default)* —  Turns the lights on."),
            "{}",
            super::TEXT
        );
        super::documented();
    }
}
