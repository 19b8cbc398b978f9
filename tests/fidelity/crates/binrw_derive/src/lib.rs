//! `binrw_derive`: a large hand-made attribute language over syn.
use binrw::{binread, binrw, binwrite, io::Cursor, BinRead, BinWrite, NullString};

#[binrw]
#[brw(big, magic = b"DOG", import(scale: u8))]
#[derive(Debug, PartialEq)]
pub struct Dog {
    #[bw(try_calc(u8::try_from(bones.len())))]
    bone_count: u8,
    #[br(count = bone_count, map = |v: Vec<u8>| v.iter().map(|b| b * scale).collect())]
    #[bw(map = |v| v.iter().map(|b| b / scale).collect::<Vec<u8>>())]
    pub bones: Vec<u8>,
    #[brw(align_before = 0xA)]
    #[br(if(bone_count > 0, 7))]
    pub extra: u16,
    #[br(temp, assert(sum == bones.iter().sum::<u8>() / scale, "sum {} is wrong", sum))]
    #[bw(calc = bones.iter().sum::<u8>())]
    sum: u8,
    pub name: NullString,
    #[brw(ignore)]
    pub skipped: Option<Box<u8>>,
}

#[derive(BinRead, BinWrite, Debug, PartialEq)]
#[brw(little)]
pub enum Command<T: for<'a> BinRead<Args<'a> = ()> + for<'a> BinWrite<Args<'a> = ()>> {
    #[brw(magic(0u8))]
    Stop,
    #[brw(magic(1u8))]
    Go(T),
    #[brw(magic(2u8))]
    Turn { by: i16 },
}

#[binread]
#[br(little, repr = u8)]
#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Flag {
    Off = 1,
    On,
}

#[binwrite]
#[bw(little)]
pub struct Out<'a>(#[bw(pad_after = 2)] pub u8, pub &'a [u8]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let d = Dog { bones: vec![2, 4], extra: 9, name: "rex".into(), skipped: None };
        let mut c = Cursor::new(vec![]);
        d.write_args(&mut c, (2,)).unwrap();
        assert_eq!(&c.get_ref()[..6], b"DOG\x02\x01\x02");
        c.set_position(0);
        assert_eq!(Dog::read_args(&mut c, (2,)).unwrap(), d);
        let mut c = Cursor::new(b"\x02\xff\xff");
        assert_eq!(Command::<u8>::read(&mut c).unwrap(), Command::Turn { by: -1 });
        assert!(Flag::read(&mut Cursor::new(b"\x09")).is_err());
        let mut c = Cursor::new(vec![]);
        Out(1, &[9]).write(&mut c).unwrap();
        assert_eq!(c.into_inner(), [1, 0, 0, 9]);
    }
}
