//! `derive_more` 0.99: the whole list of its derives.
use derive_more::*;

#[derive(
    Debug,
    PartialEq,
    Eq,
    Clone,
    Copy,
    Add,
    Sub,
    Neg,
    Mul,
    Div,
    AddAssign,
    MulAssign,
    Sum,
    From,
    Into,
    Constructor,
    Display,
)]
#[display(fmt = "<{}>", _0)]
pub struct Meters(i32);

#[derive(
    Debug, PartialEq, Add, Not, Index, IndexMut, Deref, DerefMut, AsRef, AsMut, IntoIterator,
)]
pub struct List<T> {
    #[index]
    #[index_mut]
    #[deref]
    #[deref_mut]
    #[as_ref]
    #[as_mut]
    #[into_iterator(owned, ref, ref_mut)]
    items: Items<T>,
}
#[derive(Debug, PartialEq)]
pub struct Items<T>(pub Vec<T>);
impl<T> IntoIterator for Items<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
impl<'a, T> IntoIterator for &'a Items<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
impl<'a, T> IntoIterator for &'a mut Items<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}
impl<T> std::ops::Index<usize> for Items<T> {
    type Output = T;
    fn index(&self, i: usize) -> &T {
        &self.0[i]
    }
}
impl<T> std::ops::IndexMut<usize> for Items<T> {
    fn index_mut(&mut self, i: usize) -> &mut T {
        &mut self.0[i]
    }
}
impl<T> std::ops::Add for Items<T> {
    type Output = Self;
    fn add(mut self, o: Self) -> Self {
        self.0.extend(o.0);
        self
    }
}
impl<T> std::ops::Not for Items<T> {
    type Output = Self;
    fn not(mut self) -> Self {
        self.0.reverse();
        self
    }
}

#[derive(Debug, From, TryInto, IsVariant, Unwrap, Display, Error)]
pub enum Choice {
    #[display(fmt = "io {}", source)]
    #[unwrap(ignore)]
    Io { source: std::io::Error },
    #[display(fmt = "num {:?}", _0)]
    Num(std::num::ParseIntError),
    #[from(ignore)]
    #[display(fmt = "unit {}", "self.code()")]
    Unit,
}
impl Choice {
    fn code(&self) -> u8 {
        9
    }
}

#[derive(Debug, PartialEq, FromStr)]
pub struct Parsed {
    n: u8,
}
#[derive(Debug, PartialEq, FromStr)]
pub struct Word(u16);

#[derive(DebugCustom)]
#[debug(fmt = "D({})", "self.0 + 1")]
pub struct Custom(u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic() {
        let a = Meters::new(3) + Meters(4) * 2;
        assert_eq!(a.to_string(), "<11>");
        assert_eq!(i32::from(-a), -11);
        assert_eq!(vec![Meters(1), Meters(2)].into_iter().sum::<Meters>(), Meters(3));
    }

    #[test]
    fn containers() {
        let mut l = List { items: Items(vec![1, 2]) } + List { items: Items(vec![3]) };
        l[0] = 9;
        assert_eq!((!Items(vec![9, 2, 3])).0, [3, 2, 9]);
        assert_eq!(Choice::Unit.to_string(), "unit 9");
        assert!(Choice::Unit.is_unit());
        assert_eq!("7".parse::<Word>().unwrap(), Word(7));
        assert_eq!("3".parse::<Parsed>().unwrap(), Parsed { n: 3 });
        assert_eq!(format!("{:?}", Custom(1)), "D(2)");
    }
}
