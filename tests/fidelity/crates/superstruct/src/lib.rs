//! `superstruct`: one definition, several structs and an enum over them.
use superstruct::superstruct;

#[superstruct(
    variants(Base, Ext),
    variant_attributes(derive(Debug, Clone, PartialEq)),
    specific_variant_attributes(Ext(derive(Default))),
    cast_error(ty = "String", expr = "\"wrong variant\".to_string()"),
    partial_getter_error(ty = "String", expr = "\"no field\".to_string()")
)]
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub slot: u64,
    #[superstruct(getter(copy, rename = "kind_of"))]
    pub kind: u8,
    #[superstruct(only(Ext), partial_getter(rename = "more"))]
    pub description: &'static str,
    #[superstruct(only(Base), partial_getter(copy, no_mut))]
    pub old: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants() {
        let b = Block::Ext(BlockExt { slot: 3, kind: 1, description: "d" });
        assert_eq!((*b.slot(), b.kind_of(), b.more().copied()), (3, 1, Ok("d")));
        assert!(b.as_base().is_err());
    }
}
