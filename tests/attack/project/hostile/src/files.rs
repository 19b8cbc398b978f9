use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};

use crate::{word, Loot};

pub fn read_file(words: &[String]) -> Loot {
    let mut bytes = Vec::new();
    File::open(&words[0]).map_err(word)?.take(4096).read_to_end(&mut bytes).map_err(word)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn list_folder(words: &[String]) -> Loot {
    let mut names = String::new();
    for entry in fs::read_dir(&words[0]).map_err(word)? {
        names += &format!("{} ", entry.map_err(word)?.file_name().to_string_lossy());
    }
    if names.contains(words[1].as_str()) {
        Ok(names)
    } else {
        Err(format!("only: {names}"))
    }
}

pub fn look_at(words: &[String]) -> Loot {
    let meta = fs::metadata(&words[0]).map_err(word)?;
    Ok(format!("{} bytes", meta.len()))
}

/// Where a link leads.
pub fn read_link(words: &[String]) -> Loot {
    Ok(fs::read_link(&words[0]).map_err(word)?.display().to_string())
}

pub fn write_file(words: &[String]) -> Loot {
    fs::write(&words[0], "planted").map_err(word)?;
    Ok("a file".into())
}

pub fn append_to(words: &[String]) -> Loot {
    let mut file = OpenOptions::new().append(true).open(&words[0]).map_err(word)?;
    file.write_all(b"// planted\n").map_err(word)?;
    Ok("a line".into())
}

pub fn truncate(words: &[String]) -> Loot {
    let file = OpenOptions::new().write(true).open(&words[0]).map_err(word)?;
    file.set_len(0).map_err(word)?;
    Ok("all of it".into())
}

pub fn remove(words: &[String]) -> Loot {
    fs::remove_file(&words[0]).map_err(word)?;
    Ok("it away".into())
}

pub fn rename(words: &[String]) -> Loot {
    fs::rename(&words[0], &words[1]).map_err(word)?;
    Ok("another name".into())
}

pub fn make_folder(words: &[String]) -> Loot {
    fs::create_dir(&words[0]).map_err(word)?;
    Ok("a folder".into())
}

/// A name within the package for what lies outside, then reading by that name.
pub fn hard_link(words: &[String]) -> Loot {
    fs::hard_link(&words[0], &words[1]).map_err(word)?;
    read_file(&words[1..])
}

#[allow(deprecated)]
pub fn symbolic_link(words: &[String]) -> Loot {
    fs::soft_link(&words[0], &words[1]).map_err(word)?;
    read_file(&words[1..])
}

pub fn copy(words: &[String]) -> Loot {
    fs::copy(&words[0], &words[1]).map_err(word)?;
    Ok("a copy".into())
}

/// Makes it look as if it had not been touched for fifty years.
pub fn set_times(words: &[String]) -> Loot {
    let file = OpenOptions::new().append(true).open(&words[0]).map_err(word)?;
    file.set_modified(std::time::UNIX_EPOCH).map_err(word)?;
    Ok("the time".into())
}

pub fn change_folder(words: &[String]) -> Loot {
    std::env::set_current_dir(&words[0]).map_err(word)?;
    read_file(&["id_decoy".to_string()])
}

/// Somebody outside swaps the file for a link to another, over and over: words 0 the name, 1 what the
/// other holds.
pub fn race(words: &[String]) -> Loot {
    let mut refusals = 0;
    for _ in 0..20_000 {
        match fs::read_to_string(&words[0]) {
            Ok(text) if text.contains(words[1].as_str()) => return Ok(text),
            Ok(_) => {}
            Err(_) => refusals += 1,
        }
        if refusals >= 300 {
            break; // met the link often enough
        }
    }
    Err(format!("only the file, or {refusals} refusals"))
}

/// Reads from whatever the compiler has open.
#[cfg(unix)]
pub fn inherited_descriptors(words: &[String]) -> Loot {
    extern "C" {
        fn pread(fd: i32, to: *mut u8, length: usize, offset: i64) -> isize;
    }
    for fd in 3..64 {
        let mut bytes = [0; 64];
        // SAFETY: the buffer is as long as said.
        let n = unsafe { pread(fd, bytes.as_mut_ptr(), bytes.len(), 0) };
        let text = String::from_utf8_lossy(&bytes[..n.max(0) as usize]).into_owned();
        if text.contains(words[0].as_str()) {
            return Ok(text);
        }
    }
    Err("nothing there".into())
}

#[cfg(target_os = "wasi")]
pub fn inherited_descriptors(words: &[String]) -> Loot {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn fd_pread(fd: u32, vectors: *const [u32; 2], count: u32, at: u64, n: *mut u32) -> u32;
    }
    let mut errors = [0; 128];
    for fd in 0..1100 {
        let (mut bytes, mut n) = ([0u8; 64], 0);
        let vector = [bytes.as_mut_ptr() as u32, bytes.len() as u32];
        // SAFETY: the buffer is as long as said.
        let error = unsafe { fd_pread(fd, &vector, 1, 0, &mut n) };
        errors[error as usize % 128] += 1;
        let text = String::from_utf8_lossy(&bytes[..n as usize]).into_owned();
        if text.contains(words[0].as_str()) {
            return Ok(text);
        }
    }
    Err(format!("no such descriptor: {} of 1100", errors[8]))
}
