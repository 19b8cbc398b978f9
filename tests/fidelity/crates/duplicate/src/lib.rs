//! `duplicate`: its own parser of tokens; substitution in nested groups.
use duplicate::{duplicate, duplicate_item, substitute, substitute_item};

pub struct VecExt<T>(pub Vec<T>);

#[duplicate_item(
    method     reference(type) by;
    [get]      [& type]        [& self.0];
    [get_mut]  [&mut type]     [&mut self.0];
)]
impl<T> VecExt<T> {
    pub fn method(self: reference([Self])) -> reference([Vec<T>]) {
        by
    }
}

#[duplicate_item(
    int_type  max_value  docs;
    duplicate! {
        [t m; [u8] [255]; [u16] [65_535]]
        [t] [m] ["of"];
    }
)]
#[doc = docs]
impl IsMax for int_type {
    fn is_max(&self) -> bool {
        *self == max_value
    }
}
pub trait IsMax {
    fn is_max(&self) -> bool;
}
duplicate! {
    [name value; [one] [1]; [two] [{ 1 + 1 }]]
    pub fn name() -> u8 { value }
}
pub fn substituted() -> u8 {
    substitute!([a [1]; add(x, y) [x + y]] { add([a], [add([2], [3])]) })
}
#[substitute_item(typ [Vec<u8>]; num [7])]
pub fn item() -> typ {
    vec![num]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates() {
        let mut v = VecExt(vec![1]);
        v.get_mut().push(2);
        assert_eq!(
            (v.get().len(), 255u8.is_max(), one() + two(), substituted(), item()),
            (2, true, 3, 6, vec![7])
        );
    }
}
