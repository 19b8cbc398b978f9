//! `savefile-derive`.
use savefile::prelude::*;
use savefile_derive::Savefile;

#[derive(Savefile, Debug, PartialEq)]
pub struct Player {
    pub name: String,
    #[savefile_versions = "1.."]
    #[savefile_default_val = "7"]
    pub level: u32,
    #[savefile_ignore]
    pub cache: u8,
    pub list: Vec<(u8, Option<i16>)>,
}
#[derive(Savefile, Debug, PartialEq)]
pub enum Kind {
    A,
    B(u8),
    C { x: u64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let p = Player { name: "n".into(), level: 2, cache: 0, list: vec![(1, None)] };
        let mut v = vec![];
        save(&mut v, 1, &p).unwrap();
        assert_eq!(load::<Player>(&mut &v[..], 1).unwrap(), p);
    }
}
