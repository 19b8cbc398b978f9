//! What is not the same every time.

use std::collections::HashSet;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::{word, Loot};

pub fn wall_clock(_: &[String]) -> Loot {
    Ok(format!("{:?}", SystemTime::now().duration_since(UNIX_EPOCH).map_err(word)?))
}

pub fn monotonic_clock(_: &[String]) -> Loot {
    Ok(format!("{:?} {:?}", Instant::now(), Instant::now().elapsed()))
}

pub fn stack_address(_: &[String]) -> Loot {
    let here = 0;
    Ok(format!("{:p}", std::hint::black_box(&here)))
}

pub fn heap_address(_: &[String]) -> Loot {
    Ok(format!("{:p}", std::hint::black_box(Box::new(1))))
}

pub fn hash_order(_: &[String]) -> Loot {
    Ok(format!("{:?}", (0..20).collect::<HashSet<_>>()))
}

pub fn process_id(_: &[String]) -> Loot {
    Ok(format!("{:?}", std::panic::catch_unwind(std::process::id).map_err(|_| "no such thing")?))
}

/// The order in which four threads come by, five hundred times each.
pub fn thread_order(_: &[String]) -> Loot {
    use std::sync::{Arc, Mutex};
    let order = Arc::new(Mutex::new(0xcbf2_9ce4_8422_2325u64)); // FNV-1a of who came
    let mut threads = Vec::new();
    for number in 0..4u64 {
        let order = Arc::clone(&order);
        let come_by = move || {
            for _ in 0..500 {
                let mut order = order.lock().unwrap();
                *order = (*order ^ number).wrapping_mul(0x0100_0000_01b3);
                drop(order);
                std::thread::yield_now();
            }
        };
        threads.push(std::thread::Builder::new().spawn(come_by).map_err(word)?);
    }
    for thread in threads {
        thread.join().map_err(|_| "a thread failed")?;
    }
    let order = *order.lock().unwrap();
    Ok(format!("{order:016x}"))
}

/// When a file was last read, to the nanosecond.
pub fn access_time(words: &[String]) -> Loot {
    let meta = std::fs::metadata(&words[0]).map_err(word)?;
    Ok(format!("{:?}", meta.accessed().map_err(word)?))
}

pub fn random_bytes(_: &[String]) -> Loot {
    use std::io::Read;
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom").map_err(word)?.read_exact(&mut bytes).map_err(word)?;
    Ok(format!("{bytes:?}"))
}
