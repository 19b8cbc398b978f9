//! Programs of integers, branches and memory: what macros mostly are.
use crate::heap::rounds;
use crate::{mix, Random};
use alloc::vec::Vec;

/// CoreMark's mixture: list processing, a small matrix, a state machine over text, a CRC.
#[no_mangle]
pub extern "C" fn coremark(n: u32) -> u64 {
    rounds(n, |seed| {
        let list = linked_list(seed);
        let matrix = small_matrix(seed);
        let states = state_machine(seed);
        u64::from(crc16(list as u16, crc16(matrix as u16, states as u16)))
    })
}

struct Node {
    next: u32,
    value: i32,
}

fn linked_list(seed: u64) -> u32 {
    let mut random = Random::new(seed + 7);
    let mut nodes: Vec<Node> =
        (0..400).map(|i| Node { next: i + 1, value: random.next() as i32 & 0xFFF }).collect();
    let mut found = 0u32;
    for _ in 0..20 {
        let wanted = random.next() as i32 & 0xFFF;
        let mut at = 0u32;
        while let Some(node) = nodes.get(at as usize) {
            if node.value == wanted {
                found += at;
                break;
            }
            at = node.next;
        }
        // Reverse the list in place.
        let (mut previous, mut at) = (u32::MAX, 0u32);
        while (at as usize) < nodes.len() {
            let next = nodes[at as usize].next;
            nodes[at as usize].next = previous;
            previous = at;
            at = next;
        }
        let mut order = Vec::with_capacity(nodes.len());
        while (previous as usize) < nodes.len() {
            order.push(nodes[previous as usize].value);
            previous = nodes[previous as usize].next;
        }
        for (i, node) in nodes.iter_mut().enumerate() {
            *node = Node { next: i as u32 + 1, value: order[i] };
        }
    }
    found
}

fn small_matrix(seed: u64) -> u32 {
    const N: usize = 24;
    let mut random = Random::new(seed + 11);
    let a: Vec<i16> = (0..N * N).map(|_| random.next() as i16 & 0xFF).collect();
    let b: Vec<i16> = (0..N * N).map(|_| random.next() as i16 & 0xFF).collect();
    let mut sum = 0u32;
    for i in 0..N {
        for j in 0..N {
            let mut cell = 0i32;
            for k in 0..N {
                cell += i32::from(a[i * N + k]) * i32::from(b[k * N + j]);
            }
            sum = sum.wrapping_add(((cell >> 2) & 0xF) as u32 * ((cell >> 5) & 0x7F) as u32);
        }
    }
    sum
}

fn state_machine(seed: u64) -> u32 {
    let mut random = Random::new(seed + 13);
    let text: Vec<u8> = (0..2000).map(|_| b"0123456789+-.eE,, x"[random.below(19)]).collect();
    let mut counts = [0u32; 8];
    let mut state = 0usize;
    for &byte in &text {
        counts[state] += 1;
        state = match (state, byte) {
            (_, b',') => 0,
            (0, b'0'..=b'9') => 1,
            (0, b'+' | b'-') => 2,
            (0, b'.') => 3,
            (1, b'0'..=b'9') => 1,
            (1, b'.') => 3,
            (2, b'0'..=b'9') => 1,
            (2, b'.') => 3,
            (3, b'0'..=b'9') => 3,
            (1 | 3, b'e' | b'E') => 4,
            (4, b'+' | b'-') => 5,
            (4 | 5, b'0'..=b'9') => 6,
            (6, b'0'..=b'9') => 6,
            _ => 7,
        };
    }
    counts.iter().enumerate().map(|(i, &c)| c * (i as u32 + 1)).sum()
}

fn crc16(mut value: u16, mut crc: u16) -> u16 {
    for _ in 0..16 {
        let carry = (value ^ crc) & 1;
        value >>= 1;
        crc >>= 1;
        if carry != 0 {
            crc ^= 0xA001;
        }
    }
    crc
}

/// A byte-code interpreter running a prime sieve: indirect branches.
#[no_mangle]
pub extern "C" fn interpreter(n: u32) -> u64 {
    // Registers r0…r7; each instruction is op, a, b, c.
    const SIEVE: &[[u16; 4]] = &[
        [0, 0, 2, 0],  //  0: r0 = 2 (candidate)
        [0, 6, 0, 0],  //  1: r6 = 0 (count)
        [0, 7, 1, 0],  //  2: r7 = 1
        [1, 1, 0, 0],  //  3: r1 = mem[r0]
        [2, 1, 11, 0], //  4: if r1 != 0 goto 11
        [3, 6, 6, 7],  //  5: r6 += 1
        [3, 2, 0, 0],  //  6: r2 = r0 + r0
        [4, 2, 11, 0], //  7: if r2 >= limit goto 11
        [5, 2, 7, 0],  //  8: mem[r2] = r7
        [3, 2, 2, 0],  //  9: r2 += r0
        [6, 7, 0, 0],  // 10: goto 7
        [3, 0, 0, 7],  // 11: r0 += 1
        [4, 0, 14, 0], // 12: if r0 >= limit goto 14
        [6, 3, 0, 0],  // 13: goto 3
        [7, 6, 0, 0],  // 14: return r6
    ];
    rounds(n, |_| {
        let limit = 20_000u32;
        let mut memory: Vec<u32> = (0..limit).map(|_| 0).collect();
        let mut r = [0u32; 8];
        let mut pc = 0usize;
        loop {
            let [op, a, b, c] = SIEVE[pc];
            let (a, b, c) = (a as usize, b as usize, c as usize);
            pc += 1;
            match op {
                0 => r[a & 7] = b as u32,
                1 => r[a & 7] = memory[r[b & 7] as usize],
                2 if r[a & 7] != 0 => pc = b,
                3 => r[a & 7] = r[b & 7].wrapping_add(r[c & 7]),
                4 if r[a & 7] >= limit => pc = b,
                5 => memory[r[a & 7] as usize] = r[b & 7],
                6 => pc = a,
                7 => return u64::from(r[a & 7]),
                _ => {}
            }
        }
    })
}

/// Sorting: 50,000 numbers by the library's stable and unstable sorts.
#[no_mangle]
pub extern "C" fn sort(n: u32) -> u64 {
    rounds(n, |seed| {
        let mut random = Random::new(seed + 3);
        let mut a: Vec<u64> = (0..50_000).map(|_| random.next()).collect();
        let mut b: Vec<(u32, u32)> = a.iter().map(|v| ((v >> 50) as u32, *v as u32)).collect();
        a.sort_unstable();
        b.sort_by_key(|pair| pair.0);
        mix(a[25_000], u64::from(b[12_345].1))
    })
}

/// Tokens of a small language: the work of a macro's parser (bytes, branches, small allocations, a hash table).
#[no_mangle]
pub extern "C" fn tokenize(n: u32) -> u64 {
    let words = ["struct", "name", "u32", "String", "self", "impl", "fn", "let", "field", "value"];
    let mut random = Random::new(5);
    let mut text = alloc::string::String::new();
    for i in 0..4000 {
        text.push_str(words[random.below(words.len())]);
        text.push_str([" ", "::", " { ", ", ", "(", ") ", "; "][random.below(7)]);
        if i % 9 == 0 {
            text.push_str("\"a string\" 0x1f ");
        }
    }
    rounds(n, |_| {
        let mut names: alloc::collections::BTreeMap<&str, u32> = Default::default();
        let bytes = text.as_bytes();
        let (mut at, mut sum) = (0, 0u64);
        while at < bytes.len() {
            let start = at;
            match bytes[at] {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                        at += 1;
                    }
                    *names.entry(&text[start..at]).or_default() += 1;
                }
                b'0'..=b'9' => {
                    while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
                        at += 1;
                    }
                    sum = mix(sum, (at - start) as u64);
                }
                b'"' => {
                    at += 1;
                    while bytes[at] != b'"' {
                        at += 1;
                    }
                    at += 1;
                    sum = mix(sum, text[start..at].to_uppercase().len() as u64);
                }
                punctuation => {
                    at += 1;
                    sum = mix(sum, u64::from(punctuation));
                }
            }
        }
        names.values().fold(sum, |sum, &count| mix(sum, u64::from(count)))
    })
}
