//! `dynosaur`.
#[dynosaur::dynosaur(pub DynNext = dyn(box) Next)]
pub trait Next {
    type Item: Default;
    async fn next(&mut self, by: u8) -> Option<Self::Item>;
    fn name(&self) -> String {
        "next".into()
    }
    fn iter(&self) -> impl Iterator<Item = u8> + '_;
}
pub struct One(bool);
impl Next for One {
    type Item = u8;
    async fn next(&mut self, by: u8) -> Option<u8> {
        std::mem::replace(&mut self.0, false).then_some(by)
    }
    fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        0..2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamic() {
        let mut b = DynNext::new_box(One(true));
        assert_eq!(futures::executor::block_on(b.next(3)), Some(3));
        assert_eq!(
            (futures::executor::block_on(b.next(3)), b.name(), b.iter().count()),
            (None, "next".to_string(), 2)
        );
    }
}
