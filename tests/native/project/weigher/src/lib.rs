//! Macros whose work is done by C.

use std::ffi::CString;
use std::os::raw::{c_char, c_int};

use proc_macro::TokenStream;
use quote::quote;
use syn::{parse_macro_input, DeriveInput, LitStr};

extern "C" {
    fn weigh(text: *const c_char, length: usize) -> u32;
    fn first_byte(path: *const c_char) -> c_int;
}

fn weight(text: &str) -> u32 {
    // SAFETY: the function reads as many bytes.
    unsafe { weigh(text.as_ptr().cast(), text.len()) }
}

fn text(of: impl ToString) -> TokenStream {
    let text = of.to_string();
    quote!(#text).into()
}

/// The weight of a text.
#[proc_macro]
pub fn weigh_text(input: TokenStream) -> TokenStream {
    let text = parse_macro_input!(input as LitStr);
    let weight = weight(&text.value());
    quote!(#weight).into()
}

/// `WEIGHT`: of the names of all fields.
#[proc_macro_derive(Weigh, attributes(weightless))]
pub fn derive_weigh(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let (name, mut total) = (&input.ident, 0u32);
    if let syn::Data::Struct(data) = &input.data {
        for field in &data.fields {
            let weightless = field.attrs.iter().any(|a| a.path().is_ident("weightless"));
            if let (Some(name), false) = (&field.ident, weightless) {
                total = total.wrapping_add(weight(&name.to_string()));
            }
        }
    }
    quote!(impl #name { pub const WEIGHT: u32 = #total; }).into()
}

/// Keeps the item, and says how often it was used: state between expansions.
#[proc_macro_attribute]
pub fn counted(_: TokenStream, item: TokenStream) -> TokenStream {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let item: syn::ItemFn = parse_macro_input!(item);
    let name = quote::format_ident!("{}_NUMBER", item.sig.ident.to_string().to_uppercase());
    quote!(#item pub const #name: u32 = #count;).into()
}

/// Panics with the text, after it has caught another panic.
#[proc_macro]
pub fn fail(input: TokenStream) -> TokenStream {
    let caught = std::panic::catch_unwind(|| panic!("caught")).is_err();
    panic!("told to: {input} ({caught})")
}

/// The contents of a file, as std reads it, or the error's kind.
#[proc_macro]
pub fn read(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr).value();
    match std::fs::read_to_string(path) {
        Ok(contents) => text(contents.trim_end()),
        Err(error) => text(format!("{:?}", error.kind())),
    }
}

/// What is in a folder.
#[proc_macro]
pub fn list(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr).value();
    match std::fs::read_dir(path) {
        Ok(entries) => {
            let name = |entry: std::io::Result<std::fs::DirEntry>| {
                entry.expect("an entry").file_name().into_string().expect("UTF-8")
            };
            let mut names: Vec<_> = entries.map(name).collect();
            names.sort();
            text(names.join(" "))
        }
        Err(error) => text(format!("{:?}", error.kind())),
    }
}

/// The first byte of a file, as C reads it.
#[proc_macro]
pub fn first(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr).value();
    let path = CString::new(path).expect("no NUL");
    // SAFETY: a NUL-terminated text.
    text(unsafe { first_byte(path.as_ptr()) })
}

/// Is there something of that name?
#[proc_macro]
pub fn exists(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr).value();
    text(std::path::Path::new(&path).exists())
}

/// How starting a program ends.
#[proc_macro]
pub fn start(input: TokenStream) -> TokenStream {
    let program = parse_macro_input!(input as LitStr).value();
    text(match std::process::Command::new(program).status() {
        Ok(status) => status.to_string(),
        Err(error) => format!("{:?}", error.kind()),
    })
}

/// A variable.
#[proc_macro]
pub fn var(input: TokenStream) -> TokenStream {
    text(format!("{:?}", std::env::var(parse_macro_input!(input as LitStr).value())))
}

/// What ends a worker in one way or another.
#[proc_macro]
pub fn end(input: TokenStream) -> TokenStream {
    fn deep(n: u64) -> u64 {
        std::hint::black_box([n; 128]);
        1 + if n == 0 { 0 } else { deep(n + 1) }
    }
    match parse_macro_input!(input as LitStr).value().as_str() {
        // SAFETY: none; that is the point.
        "crash" => unsafe { std::hint::black_box(8 as *mut u8).write(1) },
        "exit" => std::process::exit(7),
        "loop" => loop {
            std::hint::black_box(0);
        },
        "sleep" => loop {
            std::thread::sleep(std::time::Duration::from_secs(1));
        },
        "recurse" => return text(deep(1)),
        "memory" => {
            let mut blocks = Vec::new();
            loop {
                blocks.push(std::hint::black_box(vec![1u8; 16 << 20]));
            }
        }
        other => panic!("no such end: {other}"),
    }
    TokenStream::new()
}
