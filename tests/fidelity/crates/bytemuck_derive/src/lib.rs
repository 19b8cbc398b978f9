//! `bytemuck_derive`: every marker.
use bytemuck::{
    AnyBitPattern, ByteEq, ByteHash, CheckedBitPattern, Contiguous, NoUninit, Pod,
    TransparentWrapper, Zeroable,
};

#[derive(Clone, Copy, Pod, Zeroable, Debug, PartialEq)]
#[repr(C)]
pub struct Vertex {
    pub pos: [f32; 3],
    pub id: u32,
}

#[derive(Clone, Copy, NoUninit, CheckedBitPattern, Contiguous, Debug, PartialEq)]
#[repr(u8)]
pub enum Level {
    Low = 0,
    Mid = 1,
    High = 2,
}

#[derive(Clone, Copy, CheckedBitPattern, NoUninit)]
#[repr(C)]
pub struct Mixed {
    pub level: Level,
    pub ok: bool,
}

#[derive(Clone, Copy, CheckedBitPattern)]
#[repr(C, u8)]
pub enum Data {
    A { x: u8, y: u8 } = 1,
    B(u16),
}

#[derive(Clone, Copy, AnyBitPattern)]
#[repr(C)]
pub struct Padded<T: AnyBitPattern> {
    pub a: u8,
    pub t: T,
}

#[derive(TransparentWrapper)]
#[repr(transparent)]
#[transparent(u32)]
pub struct Wrap<T>(pub u32, std::marker::PhantomData<T>);

#[derive(Clone, Copy, NoUninit, ByteEq, ByteHash)]
#[repr(C)]
pub struct Hashed(pub u16, pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts() {
        let v = Vertex { pos: [1.0, 2.0, 3.0], id: 9 };
        assert_eq!(*bytemuck::from_bytes::<Vertex>(bytemuck::bytes_of(&v)), v);
        assert!(bytemuck::checked::try_cast::<u8, Level>(3).is_err());
        assert_eq!(Level::from_integer(2), Some(Level::High));
        assert_eq!(Wrap::<u8>::wrap(3u32).0, 3);
        assert!(Hashed(1, 2) == Hashed(1, 2));
        assert!(bytemuck::checked::try_from_bytes::<Mixed>(&[1, 2]).is_err());
    }
}
