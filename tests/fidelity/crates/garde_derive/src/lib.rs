//! `garde_derive`.
use garde::Validate;

#[derive(Validate)]
#[garde(context(Ctx as ctx))]
pub struct User<'a, T: 'a> {
    #[garde(ascii, length(min = 3, max = 25))]
    pub name: &'a str,
    #[garde(range(min = 1, max = ctx.max), custom(odd))]
    pub n: u32,
    #[garde(inner(length(chars, min = 1)))]
    pub list: Vec<String>,
    #[garde(dive)]
    pub kind: Kind,
    #[garde(skip)]
    pub t: Option<T>,
    #[garde(prefix("q"), suffix("q"))]
    pub text: String,
}
pub struct Ctx {
    pub max: u32,
}
fn odd(v: &u32, _: &Ctx) -> garde::Result {
    if v % 2 == 1 {
        Ok(())
    } else {
        Err(garde::Error::new("even"))
    }
}
#[derive(Validate)]
#[garde(context(Ctx))]
#[garde(allow_unvalidated)]
pub enum Kind {
    A(#[garde(required)] Option<u8>),
    B {
        #[garde(range(equal = 3))]
        x: u8,
        y: u8,
    },
}
#[derive(Validate)]
#[garde(transparent)]
pub struct Name(#[garde(length(min = 1))] pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validates() {
        let mut u = User {
            name: "abc",
            n: 3,
            list: vec!["a".into()],
            kind: Kind::B { x: 3, y: 0 },
            t: Some(1),
            text: "q".into(),
        };
        assert!(u.validate_with(&Ctx { max: 9 }).is_ok());
        u.kind = Kind::A(None);
        u.n = 4;
        assert_eq!(u.validate_with(&Ctx { max: 3 }).unwrap_err().iter().count(), 3);
        assert!(Name(String::new()).validate().is_err());
    }
}
