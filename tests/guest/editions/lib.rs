//! Declarations of all shapes, under lints that must not fire on what Glovebox adds; and a tour of std.
#![allow(clippy::all)] // odd on purpose
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(warnings)]

extern crate proc_macro;

use proc_macro::TokenStream as Tokens;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};
use std::{env, panic, thread};

/// A derive with an old name.
#[proc_macro_derive(Größe, attributes(a, r#b,))]
#[deprecated(note = "there are newer ones")]
pub fn größe(_input: Tokens) -> Tokens {
    text("derive Größe")
}

#[proc_macro]
#[doc(hidden)]
#[must_use]
pub fn r#move(input: Tokens) -> proc_macro::TokenStream {
    text(&format!("\"move {}\"", input))
}

macro_rules! declare {
    ($(#[$attribute:meta])* $vis:vis $name:ident($($argument:ident),*) $body:block) => {
        $(#[$attribute])*
        $vis fn $name($($argument: Tokens),*) -> Tokens $body
    };
}
declare! {
    /// An attribute out of `macro_rules!`.
    #[proc_macro_attribute]
    pub attribute(arguments, item) { arguments.into_iter().chain(item).collect() }
}

macro_rules! item {
    ($item:item) => {
        #[proc_macro]
        $item
    };
}
item! {
    /// A whole item as a fragment.
    pub fn fragment(input: Tokens) -> Tokens { text(&format!("\"fragment {}\"", input)) }
}

macro_rules! named {
    ($($name:ident)*) => {$(
        #[doc = concat!("Says ", stringify!($name), ".")]
        #[proc_macro]
        pub fn $name(_: Tokens) -> Tokens { text(concat!("\"", stringify!($name), "\"")) }
    )*};
}
named!(one two three);

#[cfg_attr(all(), proc_macro)]
#[doc = "Declared by an attribute's attribute."]
#[inline]
pub fn conditional(input: Tokens) -> Tokens {
    text(&format!("\"conditional {}\"", input))
}

#[cfg(any())]
#[proc_macro]
pub fn absent(input: Tokens) -> Tokens {
    nothing(input)
}

/// Const, and with a pattern.
#[proc_macro]
pub fn pattern(mut input: Tokens) -> Tokens {
    input.extend(text("\"pattern\""));
    input
}

fn text(code: &str) -> Tokens {
    if code.starts_with('"') {
        code.parse().unwrap()
    } else {
        Tokens::new()
    }
}

thread_local! { static LIST: RefCell<Vec<u32>> = RefCell::new(vec![1, 2]); }

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
struct Derived {
    a: Option<Box<str>>,
    b: std::rc::Rc<[u8]>,
}

#[derive(Debug)]
enum Failure {
    Variable(#[allow(dead_code)] env::VarError),
}

impl From<env::VarError> for Failure {
    fn from(error: env::VarError) -> Failure {
        Failure::Variable(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self)
    }
}

impl std::error::Error for Failure {}

fn missing() -> Result<String, Box<dyn std::error::Error>> {
    Ok(env::var("EDITIONS_IS_NOT_SET").map_err(Failure::from)?)
}

mod inner {
    pub fn version() -> ::std::option::Option<::std::ffi::OsString> {
        ::std::env::var_os("CARGO_PKG_VERSION")
    }
}

/// What std says.
#[proc_macro]
pub fn std_tour(_input: Tokens) -> Tokens {
    let mut map: HashMap<&str, BTreeMap<u8, String>> = HashMap::new();
    map.entry("x").or_default().insert(1, "y".to_owned());
    assert_eq!(map.len(), 1);
    assert!(map.contains_key("x"), "no {}", 1);
    LIST.with(|list| list.borrow_mut().push(3));
    let mut said = String::new();
    write!(said, "{:?} {:?}", Derived::default(), map).unwrap();
    writeln!(said, " {}", missing().unwrap_err()).unwrap();
    writeln!(said, "{:?} {}", inner::version(), thread::panicking()).unwrap();
    let caught = panic::catch_unwind(|| std::panic!("caught {}", said.len()));
    let caught = caught.unwrap_err().downcast::<String>().unwrap();
    writeln!(said, "{}", caught).unwrap();
    let numbers: Result<Vec<u8>, std::num::ParseIntError> =
        "1 2".split(' ').map(str::parse).collect();
    writeln!(said, "{:?} {}", numbers, LIST.with(|list| list.borrow().len())).unwrap();
    let file = std::path::Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("Cargo.toml");
    writeln!(said, "{:?}", std::fs::read_to_string(file).unwrap().lines().next()).unwrap();
    writeln!(said, "{}", std::fs::read_to_string("no such file").unwrap_err().kind()).unwrap();
    writeln!(said, "{:?}", (matches!(Some(1), Some(_)), concat!("a", 1), line!(), module_path!()))
        .unwrap();
    if said.is_empty() {
        unreachable!("{}", 1);
    }
    text(&format!("{:?}", said))
}
