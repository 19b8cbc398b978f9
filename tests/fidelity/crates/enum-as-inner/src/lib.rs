//! `enum-as-inner`.
use enum_as_inner::EnumAsInner;

#[derive(Debug, EnumAsInner)]
pub enum Many<T>
where
    T: Clone,
{
    One(u8),
    Two(&'static str, T),
    Fields {
        a: u8,
        b: Vec<T>,
    },
    Unit,
    #[allow(unused)]
    HTTPCode(u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner() {
        let mut m = Many::<u8>::Fields { a: 1, b: vec![] };
        m.as_fields_mut().unwrap().1.push(2);
        assert_eq!(m.into_fields().unwrap(), (1, vec![2]));
        assert!(Many::<u8>::Unit.is_unit() && Many::<u8>::Unit.as_one().is_none());
        assert_eq!(Many::Two("x", 1u8).as_two(), Some((&"x", &1)));
    }
}
