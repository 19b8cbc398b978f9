//! `borsh-derive`: finds its crate's name through `proc-macro-crate`, which reads `Cargo.toml`.
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

#[derive(BorshSerialize, BorshDeserialize, BorshSchema, Debug, PartialEq)]
pub struct A<T> {
    pub x: u64,
    pub y: String,
    #[borsh(skip)]
    pub cached: Option<u8>,
    #[borsh(bound(
        serialize = "T: BorshSerialize + PartialOrd",
        deserialize = "T: BorshDeserialize"
    ))]
    pub t: Vec<T>,
}

#[derive(BorshSerialize, BorshDeserialize, Debug, PartialEq, Clone, Copy)]
#[borsh(use_discriminant = true)]
pub enum E {
    A = 10,
    B = 0x20,
}

#[derive(BorshSerialize, BorshDeserialize, BorshSchema, Debug, PartialEq)]
#[borsh(use_discriminant = false, init = start)]
pub enum F {
    Unit,
    Tuple(u8, bool),
    Named {
        #[borsh(
            serialize_with = "write",
            deserialize_with = "read",
            schema(with_funcs(declaration = "decl", definitions = "defs"))
        )]
        n: u16,
    },
}
impl F {
    fn start(&mut self) {}
}
fn write<W: borsh::io::Write>(n: &u16, w: &mut W) -> borsh::io::Result<()> {
    w.write_all(&n.to_be_bytes())
}
fn read<R: borsh::io::Read>(r: &mut R) -> borsh::io::Result<u16> {
    let mut b = [0; 2];
    r.read_exact(&mut b)?;
    Ok(u16::from_be_bytes(b))
}
fn decl() -> borsh::schema::Declaration {
    "u16be".into()
}
fn defs(_: &mut std::collections::BTreeMap<borsh::schema::Declaration, borsh::schema::Definition>) {
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let a = A { x: 1, y: "y".into(), cached: None, t: vec![1u8] };
        assert_eq!(borsh::from_slice::<A<u8>>(&borsh::to_vec(&a).unwrap()).unwrap(), a);
        assert_eq!(borsh::to_vec(&E::B).unwrap(), [0x20]);
        assert_eq!(borsh::to_vec(&F::Named { n: 0x102 }).unwrap(), [2, 1, 2]);
        assert_eq!(F::declaration(), "F");
    }
}
