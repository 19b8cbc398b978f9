//! `easy-ext`: hand-written parser, no syn.
use easy_ext::ext;

#[ext(StrExt)]
pub impl str {
    const N: usize = 2;
    /// Doubles.
    fn doubled(&self) -> String {
        self.repeat(<str as StrExt>::N)
    }
    fn generic<T: Into<usize>>(&self, n: T) -> bool
    where
        T: Copy,
    {
        self.len() == n.into()
    }
}
#[ext]
impl<'a, T: Clone> Option<&'a T> {
    pub fn twice(self) -> Option<(T, T)> {
        self.map(|t| (t.clone(), t.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extends() {
        assert_eq!(
            ("ab".doubled(), "ab".generic(2u8), Some(&1).twice()),
            ("abab".into(), true, Some((1, 1)))
        );
    }
}
