//! `zerocopy-derive`.
use zerocopy::*;

#[derive(
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
    Unaligned,
    Debug,
    PartialEq,
    Eq,
    ByteHash,
    Clone,
    Copy,
)]
#[repr(C)]
pub struct Header {
    pub kind: u8,
    pub len: network_endian::U16,
    pub rest: [u8; 2],
}
use zerocopy::byteorder::network_endian;

#[derive(TryFromBytes, KnownLayout, Immutable, Unaligned)]
#[repr(u8)]
pub enum Kind {
    A = 1,
    B(bool),
    C { x: [u8; 2] },
}

#[derive(FromBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Slice<T> {
    pub n: u8,
    pub tail: [T],
}

#[derive(FromZeros, KnownLayout, Immutable)]
#[repr(C, align(4))]
pub union Either {
    pub a: u32,
    pub b: [u8; 4],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views() {
        let h = Header::ref_from_bytes(&[1, 0, 5, 9, 9]).unwrap();
        assert_eq!(h.len.get(), 5);
        assert_eq!(h.as_bytes(), [1, 0, 5, 9, 9]);
        assert!(Kind::try_ref_from_bytes(&[9, 1, 1]).is_err());
        assert_eq!(Slice::<u8>::ref_from_bytes(&[1, 2, 3]).unwrap().tail, [2, 3]);
        assert_eq!(unsafe { Either::new_zeroed().a }, 0);
    }
}
