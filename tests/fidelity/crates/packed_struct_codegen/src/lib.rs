//! `packed_struct_codegen`.
use packed_struct::prelude::*;

#[derive(PackedStruct, Debug, PartialEq)]
#[packed_struct(bit_numbering = "msb0", endian = "msb")]
pub struct Test {
    #[packed_field(bits = "0..=2")]
    pub tiny: Integer<u8, packed_bits::Bits<3>>,
    #[packed_field(bits = "3..=4", ty = "enum")]
    pub mode: Mode,
    #[packed_field(bits = "7")]
    pub enabled: bool,
    #[packed_field(bits = "8..=23")]
    pub wide: u16,
}
#[derive(PrimitiveEnum_u8, Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    One = 1,
    Two,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs() {
        let t = Test { tiny: 5.into(), mode: Mode::Two, enabled: true, wide: 0x1234 };
        assert_eq!(t.pack().unwrap(), [0b1011_0001, 0x12, 0x34]);
        assert_eq!(Test::unpack(&[0b1011_0001, 0x12, 0x34]).unwrap(), t);
    }
}
