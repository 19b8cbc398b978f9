//! `hecs-macros`.
use hecs::{Bundle, DynamicBundleClone, Query, World};

#[derive(Bundle, DynamicBundleClone, Clone)]
pub struct B<T: Clone + Send + Sync + 'static> {
    pub x: i32,
    pub t: T,
}
#[derive(Query, Debug, PartialEq)]
pub struct Q<'a> {
    pub x: &'a i32,
    pub y: &'a mut bool,
    pub z: Option<&'a u8>,
}
#[derive(Query)]
pub struct Pair<'a>(&'a u8, &'a i32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let mut w = World::new();
        w.spawn(B { x: 1, t: true });
        assert_eq!(w.query_mut::<Q>().into_iter().map(|(_, q)| *q.x).sum::<i32>(), 1);
    }
}
