//! Macros that ask for one thing each and say what came of it, as a text.
use proc_macro::{Literal, TokenStream, TokenTree};

/// The text between the quotes of the argument.
fn argument(input: TokenStream) -> String {
    input.to_string().trim_matches('"').to_string()
}

fn text(text: &str) -> TokenStream {
    TokenTree::from(Literal::string(text)).into()
}

#[proc_macro]
pub fn read(input: TokenStream) -> TokenStream {
    match std::fs::read_to_string(argument(input)) {
        Ok(content) => text(content.trim()),
        Err(error) => text(&format!("{:?}", error.kind())),
    }
}

/// As `read!`, but cannot do without.
#[proc_macro]
pub fn must_read(input: TokenStream) -> TokenStream {
    text(&std::fs::read_to_string(argument(input)).expect("a macro must have its file"))
}

#[proc_macro]
pub fn list(input: TokenStream) -> TokenStream {
    match std::fs::read_dir(argument(input)) {
        Ok(entries) => {
            let mut names: Vec<_> =
                entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            text(&names.join(" "))
        }
        Err(error) => text(&format!("{:?}", error.kind())),
    }
}

#[proc_macro]
pub fn variable(input: TokenStream) -> TokenStream {
    text(&std::env::var(argument(input)).unwrap_or_else(|_| "unset".into()))
}

/// Cannot do without.
#[proc_macro]
pub fn must_have(input: TokenStream) -> TokenStream {
    text(&std::env::var(argument(input)).expect("a macro must have its variable"))
}

#[proc_macro]
pub fn year(_: TokenStream) -> TokenStream {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    text(&(1970 + (since.as_secs() + 86_400) / 31_556_952).to_string())
}

/// The keys of a hash map's hasher, which std takes from the system's randomness.
#[proc_macro]
pub fn random(_: TokenStream) -> TokenStream {
    use std::hash::{BuildHasher, Hasher};
    let hasher = std::collections::hash_map::RandomState::new().build_hasher();
    text(&hasher.finish().to_string())
}

/// Cannot do without.
#[proc_macro]
pub fn must_run(input: TokenStream) -> TokenStream {
    let mut command = std::process::Command::new(argument(input));
    let output =
        command.arg("--version").env("A", "b").output().expect("a macro must have its program");
    text(&String::from_utf8_lossy(&output.stdout))
}

#[proc_macro]
pub fn start_thread(_: TokenStream) -> TokenStream {
    text(&std::thread::spawn(|| 7).join().unwrap().to_string())
}

#[proc_macro]
pub fn try_thread(_: TokenStream) -> TokenStream {
    match std::thread::Builder::new().spawn(|| 7) {
        Ok(thread) => text(&thread.join().unwrap().to_string()),
        Err(error) => text(&error.kind().to_string()),
    }
}

/// Prints that many lines of 64 bytes, to both streams in turn.
#[proc_macro]
pub fn print(input: TokenStream) -> TokenStream {
    let lines: usize = argument(input).parse().unwrap();
    for i in 0..lines {
        if i % 2 == 0 {
            println!("{:>63}", i);
        } else {
            eprintln!("{:>63}", i);
        }
    }
    text(&lines.to_string())
}

#[proc_macro]
pub fn count_to(input: TokenStream) -> TokenStream {
    let end: u64 = argument(input).parse().unwrap();
    let sum = (0..end).fold(0u64, |sum, i| std::hint::black_box(sum ^ i));
    text(&sum.to_string())
}

#[proc_macro]
pub fn fill(input: TokenStream) -> TokenStream {
    let megabytes: usize = argument(input).parse().unwrap();
    text(&vec![1u8; megabytes << 20].len().to_string())
}

/// Keeps that many megabytes more, and says how many it has.
#[proc_macro]
pub fn keep(input: TokenStream) -> TokenStream {
    static KEPT: std::sync::Mutex<Vec<Vec<u8>>> = std::sync::Mutex::new(Vec::new());
    let megabytes: usize = argument(input).parse().unwrap();
    let mut kept = KEPT.lock().unwrap();
    kept.push(vec![1u8; megabytes << 20]);
    text(&(kept.iter().map(Vec::len).sum::<usize>() >> 20).to_string())
}
