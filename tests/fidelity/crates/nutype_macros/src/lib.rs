//! `nutype_macros`: sanitizers and validators.
use nutype::nutype;

#[nutype(
    sanitize(trim, lowercase),
    validate(not_empty, len_char_max = 20, regex = "^[a-z ]+$"),
    derive(Debug, PartialEq, Clone, Display, AsRef, Deref, FromStr, TryFrom, Into, Serialize, Deserialize, Hash, Eq, PartialOrd, Ord)
)]
pub struct Name(String);

#[nutype(
    const_fn,
    validate(greater_or_equal = 1, less = MAX),
    default = 5,
    derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy, Default, TryFrom)
)]
pub struct Count(u32);
const MAX: u32 = 10;

#[nutype(validate(finite, greater = -1.0), derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy))]
pub struct Real(f64);

#[nutype(validate(with = check, error = Bad), derive(Debug))]
pub struct Pair<T: Clone>(Vec<T>);
#[derive(Debug, PartialEq)]
pub struct Bad;
fn check<T>(v: &[T]) -> Result<(), Bad> {
    if v.len() == 2 { Ok(()) } else { Err(Bad) }
}

#[nutype(sanitize(with = |v: Vec<u8>| { let mut v = v; v.sort(); v }), validate(predicate = |v| !v.is_empty()), derive(Debug, Clone))]
pub struct Sorted(Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validates() {
        assert_eq!(Name::try_new("  ANN ").unwrap().as_ref() as &str, "ann");
        assert_eq!(Name::try_new(" "), Err(NameError::NotEmptyViolated));
        assert_eq!(Count::try_new(10), Err(CountError::LessViolated));
        assert_eq!(Count::default().into_inner(), 5);
        assert!(Real::try_new(f64::NAN).is_err());
        assert_eq!(Pair::try_new(vec![1]).unwrap_err(), Bad);
        assert_eq!(Sorted::try_new(vec![2, 1]).unwrap().into_inner(), [1, 2]);
    }
}
