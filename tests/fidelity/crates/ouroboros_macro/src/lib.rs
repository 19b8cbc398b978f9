//! `ouroboros_macro`: self-references, many generated items and docs.
use ouroboros::self_referencing;

#[self_referencing(pub_extras)]
pub struct Tree<T: Clone + 'static> {
    root: Box<T>,
    list: Vec<u8>,
    #[borrows(root, mut list)]
    #[covariant]
    pub view: View<'this, T>,
    #[borrows(root)]
    pub again: &'this T,
}
pub struct View<'a, T> {
    pub root: &'a T,
    pub list: &'a mut Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refers_to_itself() {
        let mut t = TreeBuilder {
            root: Box::new(7u16),
            list: vec![1],
            view_builder: |root, list| View { root, list },
            again_builder: |r| r,
        }
        .build();
        t.with_view_mut(|v| v.list.push(2));
        assert_eq!(
            (*t.borrow_view().root, t.borrow_view().list.len(), **t.borrow_again()),
            (7, 2, 7)
        );
    }
}
