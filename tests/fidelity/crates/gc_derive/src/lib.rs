//! `gc_derive`: synstructure 0.13's `decl_derive!`.
use gc::{Finalize, Gc, GcCell, Trace};

#[derive(Trace, Finalize)]
pub struct Node<T: Trace + 'static> {
    pub next: Option<Gc<T>>,
    pub value: GcCell<T>,
    #[unsafe_ignore_trace]
    pub ignored: std::time::Duration,
}
#[derive(Trace, Finalize)]
pub enum E {
    A,
    B(Gc<u8>),
    C { x: Vec<String> },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces() {
        let n = Gc::new(Node { next: None, value: GcCell::new(3), ignored: Default::default() });
        *n.value.borrow_mut() += 1;
        assert!(n.next.is_none() && *n.value.borrow() == 4);
        drop(E::B(Gc::new(1)));
    }
}
