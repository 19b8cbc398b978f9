//! `is-macro`.
use is_macro::Is;

#[derive(Debug, Is)]
pub enum Node<T> {
    A(),
    #[is(name = "bee")]
    B(usize),
    Two(String, T),
    Struct {
        x: u8,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is() {
        let n: Node<u8> = Node::B(3);
        assert!(n.is_bee() && !n.is_a());
        assert_eq!(n.bee(), Some(3));
        assert_eq!(Node::Two("s".into(), 1).expect_two(), ("s".to_string(), 1));
    }
}
