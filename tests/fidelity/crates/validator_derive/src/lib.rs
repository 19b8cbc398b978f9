//! `validator_derive`: darling and proc-macro-error2.
use std::borrow::Cow;
use validator::{Validate, ValidationError};

#[derive(Debug, Validate)]
#[validate(schema(function = "whole", skip_on_field_errors = false))]
#[validate(context = "Limits")]
pub struct Signup<'a> {
    #[validate(email, length(min = 3, max = 40, message = "too odd"))]
    pub mail: String,
    #[validate(url)]
    pub site: Option<Cow<'a, str>>,
    #[validate(range(min = 18, exclusive_max = 200), custom(function = "limited", use_context))]
    pub age: u32,
    #[validate(must_match(other = "again", code = "differs"))]
    pub pass: String,
    pub again: String,
    #[validate(nested)]
    pub inner: Vec<Inner>,
    #[validate(contains(pattern = "x"), does_not_contain(pattern = "y"))]
    pub text: String,
}
pub struct Limits {
    pub age: u32,
}
#[derive(Debug, Validate)]
pub struct Inner {
    #[validate(required)]
    pub n: Option<u8>,
}
fn whole(s: &Signup<'_>) -> Result<(), ValidationError> {
    if s.age == 99 {
        Err(ValidationError::new("ninety-nine"))
    } else {
        Ok(())
    }
}
fn limited(age: u32, l: &Limits) -> Result<(), ValidationError> {
    if age > l.age {
        Err(ValidationError::new("limit"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use validator::ValidateArgs;

    #[test]
    fn validates() {
        let mut s = Signup {
            mail: "a@b.example".into(),
            site: None,
            age: 20,
            pass: "p".into(),
            again: "p".into(),
            inner: vec![Inner { n: Some(1) }],
            text: "x".into(),
        };
        assert!(s.validate_with_args(&Limits { age: 30 }).is_ok());
        s.inner[0].n = None;
        s.mail = "no".into();
        let e = s.validate_with_args(&Limits { age: 10 }).unwrap_err();
        assert_eq!(e.errors().len(), 3);
    }
}
