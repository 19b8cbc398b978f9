//! `tls_codec_derive`.
use tls_codec::{
    DeserializeBytes, Serialize, TlsDeserialize, TlsDeserializeBytes, TlsSerialize, TlsSize,
    TlsVecU16,
};

#[derive(TlsSerialize, TlsDeserialize, TlsDeserializeBytes, TlsSize, Debug, PartialEq, Clone)]
#[repr(u16)]
pub enum Kind {
    A = 1,
    #[tls_codec(discriminant = 0x20)]
    B(u8),
    C {
        x: u32,
    },
}
#[derive(TlsSerialize, TlsDeserialize, TlsDeserializeBytes, TlsSize, Debug, PartialEq)]
pub struct Extension {
    pub kind: Kind,
    pub data: TlsVecU16<u8>,
    #[tls_codec(skip)]
    pub cache: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let e = Extension { kind: Kind::B(9), data: vec![1, 2].into(), cache: 0 };
        let bytes = e.tls_serialize_detached().unwrap();
        assert_eq!(bytes, [0, 32, 9, 0, 2, 1, 2]);
        assert_eq!(Extension::tls_deserialize_exact_bytes(&bytes).unwrap(), e);
    }
}
