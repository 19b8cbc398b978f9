//! `deku_derive`: darling at work on bit fields.
use deku::prelude::*;

#[derive(Debug, PartialEq, DekuRead, DekuWrite)]
#[deku(endian = "big", ctx = "scale: u8", ctx_default = "1")]
pub struct Packet {
    #[deku(bits = 4)]
    pub version: u8,
    #[deku(bits = 4, assert = "*kind < 4")]
    pub kind: u8,
    #[deku(update = "self.data.len()")]
    pub count: u8,
    #[deku(
        count = "count",
        map = "|v: Vec<u8>| -> Result<_, DekuError> { Ok(v.into_iter().map(|x| x * scale).collect::<Vec<u8>>()) }"
    )]
    pub data: Vec<u8>,
    #[deku(cond = "*count > 1", default = "Some(3)")]
    pub extra: Option<u16>,
    #[deku(skip)]
    pub cache: u32,
}

#[derive(Debug, PartialEq, DekuRead, DekuWrite, DekuSize)]
#[deku(id_type = "u8", endian = "little")]
pub enum Message {
    #[deku(id = 1)]
    Ping(u16),
    #[deku(id = "2")]
    Pong { a: u8, b: u8 },
    #[deku(id_pat = "_")]
    Other { id: u8 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let bytes = [0x12, 2, 7, 8, 0, 9];
        let ((rest, _), mut p) = Packet::from_bytes((&bytes, 0)).unwrap();
        assert!(rest.is_empty());
        assert_eq!((p.version, p.kind, p.extra), (1, 2, Some(9)));
        assert_eq!(p.to_bytes().unwrap(), bytes);
        p.data.push(1);
        p.update().unwrap();
        assert_eq!(p.count, 3);
        assert_eq!(Message::try_from(&[2u8, 3, 4][..]).unwrap(), Message::Pong { a: 3, b: 4 });
    }
}
