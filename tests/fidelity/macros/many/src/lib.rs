//! Several macros in one crate: state, environment, files, panics, macros that make macros; and macros of
//! others used in the macro crate itself.
extern crate proc_macro;
use proc_macro::{Ident, Literal, Span, TokenStream, TokenTree};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Mutex;

static COUNT: AtomicU32 = AtomicU32::new(0);
static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
thread_local!(static LOCAL: Cell<u32> = const { Cell::new(100) });

fn number(n: u32) -> TokenStream {
    TokenTree::from(Literal::u32_suffixed(n)).into()
}
fn text(s: &str) -> TokenStream {
    TokenTree::from(Literal::string(s)).into()
}

/// 1, 2, 3, … in the order of expansion.
#[proc_macro]
pub fn counter(_: TokenStream) -> TokenStream {
    number(COUNT.fetch_add(1, Ordering::Relaxed) + 1)
}

/// The same of a thread local.
#[proc_macro]
pub fn local_counter(_: TokenStream) -> TokenStream {
    LOCAL.with(|l| {
        l.set(l.get() + 1);
        number(l.get())
    })
}

/// Remembers its item's name; `registered!()` lists the names so far.
#[proc_macro_attribute]
pub fn register(attribute: TokenStream, item: TokenStream) -> TokenStream {
    NAMES.lock().unwrap().push(format!(
        "{attribute}:{}",
        item.clone().into_iter().nth(2).map_or(String::new(), |t| t.to_string())
    ));
    item
}
#[proc_macro]
pub fn registered(_: TokenStream) -> TokenStream {
    text(&NAMES.lock().unwrap().join(","))
}

/// The value of a variable, or `None`.
#[proc_macro]
pub fn variable(input: TokenStream) -> TokenStream {
    let name = input.to_string();
    match std::env::var(name.trim_matches('"')) {
        Ok(value) => format!("Some({value:?})").parse().unwrap(),
        Err(_) => "None::<&str>".parse().unwrap(),
    }
}

/// The text of a file of the package.
#[proc_macro]
pub fn file(input: TokenStream) -> TokenStream {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let name = input.to_string();
    let path = std::path::Path::new(&folder).join(name.trim_matches('"'));
    match std::fs::read_to_string(path) {
        Ok(s) => text(&s),
        Err(e) => text(&format!("{:?}", e.kind())),
    }
}

/// Names in a folder of the package, sorted.
#[proc_macro]
pub fn folder(input: TokenStream) -> TokenStream {
    let path = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join(input.to_string().trim_matches('"'));
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| {
            let e = e.unwrap();
            format!(
                "{}{}",
                e.file_name().to_string_lossy(),
                if e.file_type().unwrap().is_dir() { "/" } else { "" }
            )
        })
        .collect();
    names.sort();
    text(&names.join(" "))
}

/// Panics inside, catches, and tells; destructors have run.
#[proc_macro]
pub fn caught(_: TokenStream) -> TokenStream {
    struct Guard<'a>(&'a Cell<u32>);
    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + if std::thread::panicking() { 10 } else { 1 });
        }
    }
    let dropped = Cell::new(0);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _a = Guard(&dropped);
        let _b = Guard(&dropped);
        let _c = "not a literal at all".parse::<Literal>().unwrap();
    }));
    std::panic::set_hook(hook);
    let said = result.unwrap_err().downcast_ref::<String>().cloned().unwrap();
    text(&format!("{} {} {said}", dropped.get(), std::thread::panicking()))
}

#[derive(serde::Deserialize)]
struct Spec {
    name: String,
    #[serde(default)]
    values: BTreeMap<String, u32>,
}
#[derive(thiserror::Error, Debug)]
enum Bad {
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("no values in {0}")]
    Empty(String),
}
fn spec(input: &TokenStream) -> Result<Spec, Bad> {
    let spec: Spec = serde_json::from_str(&input.to_string())?;
    if spec.values.is_empty() {
        Err(Bad::Empty(spec.name))
    } else {
        Ok(spec)
    }
}

/// JSON in, constants out: a macro crate that uses derives itself.
#[proc_macro]
pub fn constants(input: TokenStream) -> TokenStream {
    match spec(&input) {
        Ok(s) => s
            .values
            .iter()
            .map(|(k, v)| format!("pub const {}_{k}: u32 = {v};", s.name))
            .collect::<String>()
            .parse()
            .unwrap(),
        Err(e) => {
            let mut out: TokenStream = "compile_error!".parse().unwrap();
            out.extend([TokenTree::from(proc_macro::Group::new(
                proc_macro::Delimiter::Brace,
                text(&e.to_string()),
            ))]);
            out
        }
    }
}

/// Makes a `macro_rules!` macro that calls `counter!` and, for a second use, itself.
#[proc_macro]
pub fn make_macro(input: TokenStream) -> TokenStream {
    format!(
        "macro_rules! {input} {{
            () => {{ $crate::many::counter!() }};
            ($first:expr $(, $rest:expr)*) => {{ $first + {input}!($($rest),*) }};
        }}"
    )
    .parse()
    .unwrap()
}

/// A derive whose output derives again, and calls another macro of this crate.
#[proc_macro_derive(Twin)]
pub fn twin(item: TokenStream) -> TokenStream {
    let name = item.into_iter().skip_while(|t| t.to_string() != "struct").nth(1).unwrap();
    format!("#[derive(Debug, PartialEq)] pub struct {name}Twin(pub u32); impl {name}Twin {{ pub const N: u32 = many::counter!(); }}")
        .parse()
        .unwrap()
}

macro_rules! declare {
    ($($name:ident $value:literal),*) => {
        $(
            #[doc = concat!("Gives ", $value)]
            #[proc_macro]
            pub fn $name(_: TokenStream) -> TokenStream {
                number($value)
            }
        )*
    };
}
declare!(seven 7, eight 8);

#[cfg_attr(all(), proc_macro)]
#[deprecated(note = "use counter")]
pub fn old_counter(input: TokenStream) -> TokenStream {
    counter(input)
}

/// Inside a module of the caller the name of its own crate.
#[proc_macro_attribute]
pub fn named(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let mut out = item;
    let name = Ident::new("NAME", Span::call_site());
    let value = attribute.to_string();
    out.extend(format!("pub const {name}: &str = {value:?};").parse::<TokenStream>());
    out
}

/// Panics in each of the ways there are.
#[proc_macro]
pub fn panics(input: TokenStream) -> TokenStream {
    COUNT.fetch_add(1000, Ordering::Relaxed);
    match input.to_string().as_str() {
        "text" => panic!("a text"),
        "formatted" => panic!("formatted {}", 1 + 1),
        "number" => std::panic::panic_any(7u8),
        "index" => number([1u32, 2][input.into_iter().count() + 1]),
        "unwrap" => number(None.unwrap()),
        "expect" => number("x".parse::<u32>().expect("a number")),
        "overflow" => {
            number(u32::MAX - COUNT.load(Ordering::Relaxed) * 0 + input.into_iter().count() as u32)
        }
        "lines" => panic!("one\ntwo\n\tthree"),
        _ => TokenStream::new(),
    }
}
#[proc_macro_derive(PanicsToo, attributes(panics))]
pub fn panics_too(_: TokenStream) -> TokenStream {
    panic!("in a derive")
}
#[proc_macro_attribute]
pub fn panics_also(_: TokenStream, _: TokenStream) -> TokenStream {
    panic!("in an attribute")
}
/// Looks for a file outside the package and for a hidden one, and fails.
#[proc_macro]
pub fn looks(input: TokenStream) -> TokenStream {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let name = input.to_string();
    let name = name.trim_matches('"');
    let outside = std::path::Path::new(&folder).join("../../..").join(name);
    let hidden = std::fs::read(format!("{folder}/.{name}"));
    panic!("{} {:?}", outside.exists(), hidden.err())
}
