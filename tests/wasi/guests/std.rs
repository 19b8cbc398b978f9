//! Rust's std on WASI: files, time, random hash keys, threads' sleep. The same output on every run
//! unless clock or random bytes are granted.
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};

fn main() {
    println!("args {:?}", env::args().skip(1).collect::<Vec<_>>());
    println!("vars {:?}", env::vars().collect::<Vec<_>>());
    println!("read {:?}", fs::read_to_string("/data/hello.txt"));
    println!("missing {:?}", fs::read("/data/missing").map_err(|e| e.kind()));
    println!("write {:?}", fs::write("/data/out.txt", "text").map_err(|e| e.kind()));
    if let Ok(mut file) = fs::OpenOptions::new().read(true).append(true).open("/data/out.txt") {
        file.write_all(b" and more").unwrap();
        file.seek(SeekFrom::Start(5)).unwrap();
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        println!("append {rest:?} of {}", file.metadata().unwrap().len());
        fs::remove_file("/data/out.txt").unwrap();
    }
    let mut names: Vec<_> =
        fs::read_dir("/data").unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    println!("names {names:?}");
    let start = Instant::now();
    thread::sleep(Duration::from_millis(30));
    println!("slept {}", start.elapsed() >= Duration::from_millis(30));
    println!("time {:?}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap());
    println!("hash {:x}", RandomState::new().hash_one(1u32));
}
