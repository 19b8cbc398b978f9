//! `scroll_derive`.
use scroll::{IOread, IOwrite, Pread, Pwrite, SizeWith};

#[derive(Debug, PartialEq, Pread, Pwrite, IOread, IOwrite, SizeWith)]
#[repr(C)]
pub struct Header {
    pub id: u32,
    pub flags: [u16; 2],
    pub nested: Inner,
}

#[derive(Debug, PartialEq, Pread, Pwrite, IOread, IOwrite, SizeWith, Clone, Copy)]
#[repr(C)]
pub struct Inner(pub u8, pub i64);

#[derive(Debug, PartialEq, Pread, Pwrite)]
pub struct Custom {
    #[scroll(ctx = scroll::BE)]
    pub big: u16,
    pub little: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let h = Header { id: 1, flags: [2, 3], nested: Inner(4, -5) };
        let mut b = [0u8; 64];
        let n = b
            .pwrite_with(Header { id: 1, flags: [2, 3], nested: Inner(4, -5) }, 0, scroll::LE)
            .unwrap();
        assert_eq!(n, 17);
        assert_eq!(b.pread_with::<Header>(0, scroll::LE).unwrap(), h);
    }
}
