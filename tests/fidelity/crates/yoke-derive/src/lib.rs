//! `yoke-derive` and `zerofrom-derive`: synstructure's ways.
use std::borrow::Cow;
use yoke::{Yoke, Yokeable};
use zerofrom::ZeroFrom;

#[derive(Yokeable, ZeroFrom, Clone, Debug, PartialEq)]
pub struct Words<'data> {
    #[zerofrom(clone)]
    pub count: u8,
    pub first: Cow<'data, str>,
    pub rest: Cow<'data, [u8]>,
}

#[derive(Yokeable, ZeroFrom, Clone, Debug, PartialEq)]
pub enum Either<'data> {
    Text(Cow<'data, str>),
    Number(u32),
    Both { text: Cow<'data, str>, number: i8 },
}

#[derive(Yokeable, Clone, Debug)]
#[yoke(prove_covariance_manually)]
pub struct Wrapped<'data, T: 'static> {
    pub inner: Cow<'data, str>,
    pub other: std::marker::PhantomData<T>,
}

#[derive(Yokeable, Clone, Copy, Debug)]
pub struct NoLifetime(pub u8);

pub fn attach(text: String) -> Yoke<Words<'static>, Box<str>> {
    Yoke::attach_to_cart(text.into_boxed_str(), |text: &str| Words {
        count: 1,
        first: Cow::Borrowed(text),
        rest: Cow::Borrowed(text.as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrows() {
        let yoke = attach("abc".into());
        assert_eq!((&*yoke.get().first, yoke.get().rest.len()), ("abc", 3));
        let own = Either::Both { text: "x".to_string().into(), number: 3 };
        let Either::Both { text: Cow::Borrowed("x"), number: 3 } = Either::zero_from(&own) else {
            panic!()
        };
    }
}
