use std::hint::black_box;
use std::io::Write;

use crate::{word, Loot};

pub fn endless_loop(_: &[String]) -> Loot {
    let mut i = 0u64;
    loop {
        i = black_box(i.wrapping_add(1));
    }
}

pub fn much_memory(words: &[String]) -> Loot {
    let most: usize = words[0].parse().map_err(word)?;
    let mut taken: Vec<Vec<u8>> = Vec::new();
    while taken.len() < most {
        taken.push(vec![1; 1 << 20]);
        black_box(&taken);
    }
    Ok(format!("{} MiB", taken.len()))
}

pub fn deep_recursion(_: &[String]) -> Loot {
    #[allow(unconditional_recursion)]
    fn down(n: u64) -> u64 {
        let room = black_box([n; 64]);
        down(n + 1) + room[3]
    }
    Ok(down(0).to_string())
}

pub fn endless_output(_: &[String]) -> Loot {
    loop {
        writeln!(std::io::stderr(), "{}", "flood ".repeat(50)).map_err(word)?;
    }
}

/// That many megabytes, and a last word.
pub fn long_output(words: &[String]) -> Loot {
    let megabytes: usize = words[0].parse().map_err(word)?;
    let line = "flood ".repeat(170) + "abc\n"; // 1,024 bytes
    for _ in 0..megabytes << 10 {
        std::io::stderr().write_all(line.as_bytes()).map_err(word)?;
    }
    Ok("the last word of a flood".into())
}

pub fn sleep_long(words: &[String]) -> Loot {
    std::thread::sleep(std::time::Duration::from_secs(words[0].parse().map_err(word)?));
    Err("slept".into())
}
