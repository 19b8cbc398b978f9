//! What is told to the user: errors at the call's place, and records of expansions for
//! `cargo glovebox expand`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use crate::problem::Problem;
use crate::{spans, Call, Info};

/// `::core::compile_error! { "message" }`, which fits wherever a macro's output can stand.
pub fn compile_error(message: &str, span: Option<Span>) -> TokenStream {
    let span = span.unwrap_or_else(Span::call_site);
    let punct = |ch, spacing| TokenTree::from(Punct::new(ch, spacing));
    let path = |name| {
        [
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            TokenTree::from(Ident::new(name, span)),
        ]
    };
    let text = TokenTree::from(Literal::string(message));
    let trees = path("core").into_iter().chain(path("compile_error")).chain([
        punct('!', Spacing::Alone),
        TokenTree::from(Group::new(Delimiter::Brace, TokenStream::from(text))),
    ]);
    let spanned = trees.map(|mut tree| {
        tree.set_span(span);
        tree
    });
    spanned.collect()
}

fn name_of(call: &Call<'_>) -> String {
    let Info { package, version, .. } = call.info;
    format!("`{}` of {package} {version}", call.name())
}

/// The one error for a macro that could not be run to its end.
pub fn problem(call: &Call<'_>, problem: &Problem, refusals: &str) -> String {
    let mut text = format!("the sandboxed macro {} failed: {problem}", name_of(call));
    if !refusals.is_empty() {
        let _ = write!(text, "\n\n{}", refused(call, refusals));
    }
    if let Some(advice) = problem.advice(call.info.package, call.info.worker) {
        let _ = write!(text, "\n\nhelp: {advice}");
    }
    text
}

/// What an error of the macro's own ends with when the sandbox may be the cause.
pub fn refused(call: &Call<'_>, refusals: &str) -> String {
    format!("note: the sandbox refused what the macro {} asked for: {refusals}", name_of(call))
}

// ---- records -----------------------------------------------------------------------------------

/// The folder that GLOVEBOX_EXPAND names.
fn folder() -> Option<&'static PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(|| std::env::var_os("GLOVEBOX_EXPAND").map(PathBuf::from)).as_ref()
}

pub fn records_are_wanted() -> bool {
    folder().is_some()
}

/// The name of the item, of which this is the source: what stands after its keyword.
pub fn item_name(item: &TokenStream) -> Option<String> {
    let (mut named, mut lifetime) = (false, false);
    for tree in item.clone() {
        let TokenTree::Ident(ident) = tree else {
            named = false;
            lifetime = matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '\'');
            continue;
        };
        if std::mem::take(&mut lifetime) {
            continue; // 'static
        }
        let text = ident.to_string();
        if named && text != "mut" {
            return Some(text);
        }
        named = matches!(
            text.as_str(),
            "struct" | "enum" | "union" | "fn" | "trait" | "mod" | "type" | "const" | "static"
        ) || named;
    }
    None
}

/// Appends one line to the process's file of this package. What cannot be written is said on standard
/// error: the build goes on.
pub fn record(call: &Call<'_>, item: Option<&str>, output: &str) {
    let Some(folder) = folder() else { return };
    let place = spans::place(Span::call_site());
    let mut line = String::from("{");
    let mut field = |name: &str, value: &dyn Fn(&mut String)| {
        line.push_str(if line.len() > 1 { "," } else { "" });
        let _ = write!(line, "\"{name}\":");
        value(&mut line);
    };
    let text = |text: &str| {
        let text = text.to_string();
        move |line: &mut String| json_string(line, &text)
    };
    field("macro", &text(call.name()));
    field("kind", &text(call.kind));
    field("crate", &text(call.info.package));
    field("version", &text(call.info.version));
    field("file", &text(&place.file));
    let number = |number: usize| move |line: &mut String| line.push_str(&number.to_string());
    field("line", &number(place.line));
    field("column", &number(place.column));
    match item {
        Some(item) => field("item", &text(item)),
        None => field("item", &|line| line.push_str("null")),
    }
    field("output", &text(output));
    line.push_str("}\n");
    let path = folder.join(format!("{}-{}.jsonl", std::process::id(), call.info.package));
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
        eprintln!("glovebox: {}: {error}", path.display());
    }
}

fn json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
