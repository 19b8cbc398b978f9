//! `derive_builder` (darling users): setters, defaults, validation, sub-builders.
use derive_builder::Builder;

#[derive(Builder, Debug, Clone, PartialEq)]
#[builder(
    setter(into, strip_option),
    build_fn(validate = "Self::check"),
    derive(Debug),
    pattern = "owned"
)]
pub struct Request<'a, T: Clone + 'a>
where
    T: Default,
{
    /// Where to.
    url: String,
    #[builder(default)]
    body: Option<T>,
    #[builder(default = "5 * 2", setter(name = "tries"))]
    retries: u8,
    #[builder(setter(each(name = "header")), default)]
    headers: Vec<&'a str>,
    #[builder(setter(skip), default = "std::mem::size_of::<T>()")]
    length: usize,
    #[builder(try_setter, setter(custom = false))]
    code: u16,
}
impl<'a, T: Clone + Default> RequestBuilder<'a, T> {
    fn check(&self) -> Result<(), String> {
        match self.url.as_deref() {
            Some("") => Err("empty url".into()),
            _ => Ok(()),
        }
    }
}

#[derive(Builder)]
#[builder(name = "MutBuilder", private, build_fn(private, name = "finish", error = "MyError"))]
pub(crate) struct Mutable {
    #[builder(setter(prefix = "with"), field(ty = "u8", build = "self.n + 1"))]
    pub n: u8,
}
#[derive(Debug)]
pub(crate) struct MyError;
impl From<derive_builder::UninitializedFieldError> for MyError {
    fn from(_: derive_builder::UninitializedFieldError) -> Self {
        MyError
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds() {
        let r = RequestBuilder::<u8>::default()
            .url("abc")
            .body(3)
            .tries(1)
            .header("h")
            .code(7u16)
            .build()
            .unwrap();
        assert_eq!((r.length, r.retries, r.body, r.headers.len()), (1, 1, Some(3), 1));
        assert_eq!(
            RequestBuilder::<u8>::default().url("").build().unwrap_err().to_string(),
            "empty url"
        );
        assert_eq!(
            RequestBuilder::<u8>::default().url("a").build().unwrap_err().to_string(),
            "`code` must be initialized"
        );
        assert_eq!(MutBuilder::default().with_n(3).finish().unwrap().n, 4);
    }
}
