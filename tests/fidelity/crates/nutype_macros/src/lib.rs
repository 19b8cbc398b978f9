//! `nutype_macros`: sanitizers and validators.
use nutype::nutype;

#[nutype(
    sanitize(trim, lowercase),
    validate(not_empty, len_char_max = 20, regex = "^[a-z ]+$"),
    derive(AsRef)
)]
pub struct Name(String);
// One derive a type: it writes them in the order of a `HashSet`, a new one each time.
#[nutype(validate(len_char_min = 2), derive(FromStr))]
pub struct Parsed(String);
#[nutype(sanitize(uppercase), derive(Serialize))]
pub struct Loud(String);
#[nutype(validate(less = 3), derive(Deserialize))]
pub struct Small(u8);

#[nutype(
    const_fn,
    validate(greater_or_equal = 1, less = MAX),
    default = 5,
    derive(Default)
)]
pub struct Count(u32);
const MAX: u32 = 10;

#[nutype(validate(finite, greater = -1.0), derive(TryFrom))]
pub struct Real(f64);

#[nutype(validate(with = check, error = Bad), derive(Debug))]
pub struct Pair<T: Clone>(Vec<T>);
#[derive(Debug, PartialEq)]
pub struct Bad;
fn check<T>(v: &[T]) -> Result<(), Bad> {
    if v.len() == 2 {
        Ok(())
    } else {
        Err(Bad)
    }
}

#[nutype(sanitize(with = |v: Vec<u8>| { let mut v = v; v.sort(); v }), validate(predicate = |v| !v.is_empty()), derive(Deref))]
pub struct Sorted(Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validates() {
        assert_eq!(Name::try_new("  ANN ").unwrap().as_ref() as &str, "ann");
        assert!(matches!(Name::try_new(" "), Err(NameError::NotEmptyViolated)));
        assert!(matches!(Count::try_new(10), Err(CountError::LessViolated)));
        assert!("a".parse::<Parsed>().is_err());
        assert_eq!(Count::default().into_inner(), 5);
        assert!(Real::try_new(f64::NAN).is_err());
        assert!(Pair::try_new(vec![1]).is_err());
        assert!(Sorted::try_new(vec![2, 1]).is_ok_and(|s| s.into_inner() == [1, 2]));
    }
}
