use phf::{phf_map, phf_set};
static A: phf::Map<&'static str, u8> = phf_map! { "a" => 1, "b" => 2, "a" => 3 };
static B: phf::Set<u8> = phf_set! { 1u8, 1u8 };
static C: phf::Map<&'static str, u8> = phf_map! { X => 1 };
static D: phf::Map<u8, u8> = phf_map! { "wrong" => "types" };
static E: phf::Map<u8, u8> = phf_map! { 1u8 -> 2 };
fn main() {}
