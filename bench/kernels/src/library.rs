//! Well-known crates at work.
use crate::heap::rounds;
use crate::{mix, Random};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// SHA-256 of 256 KiB.
#[no_mangle]
pub extern "C" fn sha256(n: u32) -> u64 {
    use sha2::{Digest, Sha256};
    let data: Vec<u8> = (0..256u32 << 10).map(|i| (i * 7) as u8).collect();
    rounds(n, |seed| {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(&data);
        u64::from_le_bytes(hash.finalize()[..8].try_into().unwrap())
    })
}

/// Finding dates, addresses and words with a regular expression.
#[no_mangle]
pub extern "C" fn regex(n: u32) -> u64 {
    let expression =
        regex::Regex::new(r"(\d{4})-(\d{2})-(\d{2})|[a-z]+@[a-z]+\.(com|org)|\bfn\s+\w+").unwrap();
    let mut random = Random::new(17);
    let mut text = String::new();
    let parts = ["2024-05-17", "someone@example.org", "fn main", " lorem ipsum ", "12-34", "a@b"];
    while text.len() < 20_000 {
        text.push_str(parts[random.below(parts.len())]);
        text.push(' ');
    }
    rounds(n, |_| {
        expression.find_iter(&text).fold(0, |sum, found| mix(sum, found.end() as u64))
    })
}

/// Parsing and printing JSON.
#[no_mangle]
pub extern "C" fn json(n: u32) -> u64 {
    let mut random = Random::new(23);
    let mut text = String::from("[");
    for i in 0..300 {
        if i > 0 {
            text.push(',');
        }
        text.push_str("{\"name\":\"item ");
        text.push((b'a' + random.below(26) as u8) as char);
        text.push_str("\\n\",\"price\":");
        text.push((b'1' + random.below(9) as u8) as char);
        text.push_str("3.25e1,\"tags\":[true,null,-17],\"nested\":{\"x\":{\"y\":[1,2,3]}}}");
    }
    text.push(']');
    rounds(n, |_| {
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let again = value.to_string();
        again.bytes().step_by(97).fold(again.len() as u64, |sum, byte| mix(sum, u64::from(byte)))
    })
}

/// Compressing and decompressing 64 KiB with DEFLATE.
#[no_mangle]
pub extern "C" fn deflate(n: u32) -> u64 {
    let mut random = Random::new(29);
    let data: Vec<u8> = (0..64 << 10).map(|i| (random.next() as u8 & 15) + (i >> 9) as u8).collect();
    rounds(n, |_| {
        let packed = miniz_oxide::deflate::compress_to_vec(&data, 6);
        let back = miniz_oxide::inflate::decompress_to_vec(&packed).unwrap();
        mix(packed.len() as u64, u64::from(back[12_345]))
    })
}
