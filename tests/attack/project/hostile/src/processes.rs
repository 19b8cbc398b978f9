use std::process::Command;

use crate::{word, Loot};

pub fn run_program(words: &[String]) -> Loot {
    let status = Command::new(&words[0]).status().map_err(word)?;
    Ok(status.to_string())
}

#[cfg(unix)]
mod libc {
    extern "C" {
        pub fn fork() -> i32;
        pub fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
        pub fn _exit(code: i32) -> !;
        pub fn kill(pid: i32, signal: i32) -> i32;
        pub static environ: *const *const std::ffi::c_char;
    }
}

#[cfg(not(unix))]
const NO_CALL: &str = "there is no such call in WebAssembly";

#[cfg(unix)]
pub fn fork_child(_: &[String]) -> Loot {
    // SAFETY: the child does nothing but end.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::_exit(0);
        }
        libc::waitpid(child, &mut 0, 0);
        Ok(format!("child {}", if child > 0 { "made" } else { "refused" }))
    }
}

#[cfg(unix)]
pub fn signal(words: &[String]) -> Loot {
    // SAFETY: a signal to a decoy.
    match unsafe { libc::kill(words[0].parse().map_err(word)?, 10) } {
        0 => Ok("a signal".into()),
        _ => Err("refused".into()),
    }
}

#[cfg(not(unix))]
pub fn fork_child(_: &[String]) -> Loot {
    Err(NO_CALL.into())
}

/// WASI's one signal is to oneself.
#[cfg(target_os = "wasi")]
pub fn signal(_: &[String]) -> Loot {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn proc_raise(signal: u32) -> u32;
    }
    // SAFETY: plain numbers.
    let error = unsafe { proc_raise(9) };
    Err(format!("error {error}"))
}

pub fn exit_well(_: &[String]) -> Loot {
    std::process::exit(0)
}

pub fn abort(_: &[String]) -> Loot {
    std::process::abort()
}

pub fn write_nowhere(_: &[String]) -> Loot {
    // SAFETY: none: that is the attack.
    unsafe { std::ptr::write_volatile(usize::MAX.wrapping_sub(4095) as *mut u32, 1) };
    Err("nothing happened".into())
}

pub fn variable(words: &[String]) -> Loot {
    std::env::var(&words[0]).map_err(word)
}

pub fn all_variables(words: &[String]) -> Loot {
    match std::env::vars_os().find(|(_, v)| v.to_string_lossy().contains(words[0].as_str())) {
        Some(found) => Ok(format!("{found:?}")),
        None => Err(format!("only {} variables", std::env::vars_os().count())),
    }
}

#[cfg(unix)]
pub fn raw_environment(words: &[String]) -> Loot {
    // SAFETY: the list ends with a null pointer.
    unsafe {
        let mut at = libc::environ;
        while !(*at).is_null() {
            let text = std::ffi::CStr::from_ptr(*at).to_string_lossy();
            if text.contains(words[0].as_str()) {
                return Ok(text.into_owned());
            }
            at = at.add(1);
        }
    }
    Err("not there".into())
}

#[cfg(target_os = "wasi")]
pub fn raw_environment(words: &[String]) -> Loot {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    extern "C" {
        fn environ_sizes_get(count: *mut u32, bytes: *mut u32) -> u32;
        fn environ_get(list: *mut u32, bytes: *mut u8) -> u32;
    }
    let (mut count, mut size) = (0, 0);
    // SAFETY: room as large as asked for.
    unsafe {
        environ_sizes_get(&mut count, &mut size);
        let (mut list, mut bytes) = (vec![0u32; count as usize], vec![0u8; size as usize]);
        environ_get(list.as_mut_ptr(), bytes.as_mut_ptr());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if text.contains(words[0].as_str()) {
            Ok(text)
        } else {
            Err(format!("only {count} variables"))
        }
    }
}

/// For the compiler to see.
pub fn set_variable(words: &[String]) -> Loot {
    std::env::set_var(&words[0], "planted");
    Ok("nothing yet".into())
}

/// Reads the compiler's memory: what its environment says.
pub fn compiler_memory(words: &[String]) -> Loot {
    #[cfg(unix)]
    // SAFETY: the list of the environment is the compiler's own.
    let mut at = unsafe { *libc::environ } as usize;
    #[cfg(not(unix))]
    let mut at = usize::MAX - (1 << 20); // past the end of what is there
    let mut seen = Vec::new();
    loop {
        // SAFETY: none: that is the attack.
        seen.push(unsafe { std::ptr::read_volatile(at as *const u8) });
        if seen.ends_with(words[0].as_bytes()) {
            return Ok(words[0].clone());
        }
        at += 1;
    }
}
