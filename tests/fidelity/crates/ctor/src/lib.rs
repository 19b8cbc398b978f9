//! `ctor` and `dtor`: hand-written parsers, no syn.
use std::sync::atomic::{AtomicU32, Ordering};

pub static COUNT: AtomicU32 = AtomicU32::new(0);

#[ctor::ctor]
fn before() {
    COUNT.fetch_add(1, Ordering::SeqCst);
}

/// Filled at start.
#[ctor::ctor]
pub static NAMES: Vec<&'static str> = {
    COUNT.fetch_add(10, Ordering::SeqCst);
    vec!["a", "b"]
};

#[ctor::ctor]
fn marked() {
    COUNT.fetch_add(100, Ordering::SeqCst);
}

#[dtor::dtor]
fn after() {}

#[cfg(test)]
mod tests {
    #[test]
    fn ran_before_main() {
        assert_eq!(super::COUNT.load(std::sync::atomic::Ordering::SeqCst), 111);
        assert_eq!(super::NAMES.len(), 2);
    }
}
