//! `__gbx`: what the declarations of a macro crate become in the copy that the guest compiler reads
//! (docs/protocol.md, section 4).
//!
//! ```text
//! #[proc_macro]                                 #[__gbx::fun]
//! #[proc_macro_derive(Name, attributes(a))]     #[__gbx::derive____(Name, attributes(a))]
//! #[proc_macro_attribute]                       #[__gbx::attribute____]
//! #[global_allocator]                           #[__gbx::allocator]
//! ```
//!
//! The last keeps its item: a guest has one allocator, `proc_macro`'s.
//! Each other keeps its function as it is and adds an exported entry, which hands the function to
//! `proc_macro::__gbx_rt`, and a record of the macro in the custom section `glovebox.macros`.
//!
//! What is added stands in any crate: it names nothing but `::proc_macro` and primitive types, and the
//! compiler does not lint what comes out of another crate's macro (`forbid(unsafe_code)` and
//! `deny(missing_docs)` among them).

#![feature(proc_macro_expand, proc_macro_span)]

extern crate proc_macro;

use std::collections::BTreeSet;
use std::sync::Mutex;

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// In place of `#[proc_macro]`.
#[proc_macro_attribute]
pub fn fun(arguments: TokenStream, item: TokenStream) -> TokenStream {
    declare(Kind::Function, arguments, item)
}

/// In place of `#[proc_macro_derive]`. The name is as long as that.
#[proc_macro_attribute]
pub fn derive____(arguments: TokenStream, item: TokenStream) -> TokenStream {
    declare(Kind::Derive, arguments, item)
}

/// In place of `#[proc_macro_attribute]`. The name is as long as that.
#[proc_macro_attribute]
pub fn attribute____(arguments: TokenStream, item: TokenStream) -> TokenStream {
    declare(Kind::Attribute, arguments, item)
}

/// In place of `#[global_allocator]`. The static stays, and nobody is told that it is unused.
#[proc_macro_attribute]
pub fn allocator(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let used: TokenStream = "#[used]".parse().expect("an attribute");
    used.into_iter().chain(item).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Derive,
    Attribute,
    Function,
}

impl Kind {
    fn record(self) -> &'static str {
        match self {
            Kind::Derive => "derive",
            Kind::Attribute => "attribute",
            Kind::Function => "function",
        }
    }
    /// The word that the author wrote.
    fn native(self) -> &'static str {
        match self {
            Kind::Derive => "proc_macro_derive",
            Kind::Attribute => "proc_macro_attribute",
            Kind::Function => "proc_macro",
        }
    }
    fn ours(self) -> &'static str {
        match self {
            Kind::Derive => "derive____",
            Kind::Attribute => "attribute____",
            Kind::Function => "fun",
        }
    }
}

/// An error in the author's declaration, in rustc's words where it has some.
struct Refusal(Span, String);

fn declare(kind: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function = match Function::parse(kind, item.clone()) {
        Ok(function) => function,
        Err(refusal) => return refuse(refusal, item),
    };
    if function.must_wait() {
        return function.put_off(kind, arguments, item);
    }
    match function.declare(kind, arguments) {
        Ok(added) => item.into_iter().chain(added).collect(),
        Err(refusal) => refuse(refusal, item),
    }
}

fn refuse(Refusal(span, text): Refusal, item: TokenStream) -> TokenStream {
    let error = format!("::core::compile_error!{{ {text:?} }}");
    let error: TokenStream = error.parse().expect("a macro call");
    item.into_iter().chain(respan(error, span)).collect()
}

fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let token = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respan(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(token).collect()
}

/// What we need to know of the function under the attribute.
struct Function {
    /// Other attributes: their path's first word, whole path, and text.
    attributes: Vec<(String, String, String)>,
    name: Ident,
    /// Where rustc takes the function to be, up to its end; a macro's definition starts there.
    span: Span,
}

impl Function {
    fn parse(kind: Kind, item: TokenStream) -> Result<Function, Refusal> {
        let mut tokens = Tokens::new(item);
        let attributes = attributes(&mut tokens);
        let bare = |span| {
            let native = kind.native();
            let text = format!("the `#[{native}]` attribute may only be used on bare functions");
            Refusal(span, text)
        };
        let start = tokens.start();
        let first = tokens.next().ok_or_else(|| bare(Span::call_site()))?;
        let public = is_word(&first, "pub") && {
            let restricted = matches!(tokens.peek(),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
            !restricted
        };
        let name = if is_word(&first, "fn") { tokens.next() } else { name_after_fn(&mut tokens) };
        let Some(TokenTree::Ident(name)) = name else { return Err(bare(start)) };
        if !public {
            let native = kind.native();
            let text = format!("functions tagged with `#[{native}]` must be `pub`");
            return Err(Refusal(name.span(), text));
        }
        if let Some(other) = attributes.iter().find(|(first, _, _)| first == "__gbx") {
            let text = if other.1 == format!("__gbx::{}", kind.ours()) {
                format!(
                    "only one `#[{}]` attribute is allowed on any given function",
                    kind.native()
                )
            } else {
                "two kinds of macro cannot both be applied to the same function".to_owned()
            };
            return Err(Refusal(name.span(), text));
        }
        let span = item_span(start, tokens.last().map_or(start, |body| end_of(&body)));
        Ok(Function { attributes, name, span })
    }

    /// `#[proc_macro_derive]` stays where it is when another macro of the function's is expanded, which
    /// sees it and expects to. So does ours: it goes last, until the function comes by again.
    fn must_wait(&self) -> bool {
        static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        if self.attributes.iter().all(|(first, whole, _)| is_inert(first, whole)) {
            return false;
        }
        let place = format!("{} {:?}", self.name, self.name.span());
        SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(place)
    }

    fn put_off(self, kind: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
        let span = Span::call_site();
        let punct = |ch, spacing| TokenTree::from(Punct::new(ch, spacing));
        let mut path = vec![
            Ident::new("__gbx", span).into(),
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            Ident::new(kind.ours(), span).into(),
        ];
        if !arguments.is_empty() {
            path.push(Group::new(Delimiter::Parenthesis, arguments).into());
        }
        let ours = Group::new(Delimiter::Bracket, path.into_iter().collect());
        let mut tokens = Tokens::new(item);
        let mut output = Vec::new();
        while tokens.at_attribute() {
            output.extend(tokens.next());
            output.extend(tokens.next());
        }
        output.extend([punct('#', Spacing::Alone), ours.into()]);
        output.extend(tokens);
        output.into_iter().collect()
    }

    fn declare(self, kind: Kind, arguments: TokenStream) -> Result<TokenStream, Refusal> {
        let function = self.name.to_string();
        let plain = function.strip_prefix("r#").unwrap_or(&function);
        let (name, helpers) = match kind {
            Kind::Derive => derive_arguments(arguments)?,
            _ if arguments.is_empty() => (plain.to_owned(), Vec::new()),
            _ => {
                let text = format!("malformed `{}` attribute input", kind.native());
                return Err(Refusal(Span::call_site(), text));
            }
        };
        let entry = format!("__gbx_{}_{}", kind.record(), ascii(plain));
        let kept =
            |(_, whole, _): &&(String, String, String)| matches!(&whole[..], "doc" | "deprecated");
        let kept: Vec<_> =
            self.attributes.iter().filter(kept).map(|(_, _, text)| &text[..]).collect();
        let record = [
            kind.record(),
            &name,
            &helpers.join(","),
            &entry,
            &function,
            &self.span.file(),
            &self.span.line().to_string(),
            &self.span.column().to_string(),
            &kept.join(" "),
        ];
        let record = record.map(escape).join("\t") + "\n";
        let deprecated = self.attributes.iter().any(|(_, whole, _)| whole == "deprecated");
        let attribute = if deprecated { "#[allow(deprecated)]" } else { "" };
        Ok(entry_and_record(kind, &entry, attribute, self.name, record.as_bytes()))
    }
}

/// The tokens that are added after the function.
fn entry_and_record(
    kind: Kind,
    entry: &str,
    attribute: &str,
    function: Ident,
    record: &[u8],
) -> TokenStream {
    let length = record.len();
    const STREAM: &str = "::proc_macro::TokenStream";
    let (expand, inputs, parameters) = match kind {
        Kind::Attribute => {
            ("expand2", "arguments, item", format!("arguments: {STREAM}, item: {STREAM}"))
        }
        _ => ("expand1", "item", format!("item: {STREAM}")),
    };
    let text = format!(
        "{attribute} const _: () = {{
            fn __gbx_call({parameters}) -> {STREAM} {{
                crate::FUNCTION({inputs})
            }}
            #[export_name = \"{entry}\"]
            extern \"C\" fn __gbx_entry(message: *mut u8, length: usize) {{
                // SAFETY: the host calls it with a message in room of `__gbx_alloc`.
                unsafe {{ ::proc_macro::__gbx_rt::{expand}(message, length, __gbx_call) }}
            }}
            #[used]
            #[cfg_attr(not(target_family = \"wasm\"), export_name = \"{entry}_record\")]
            #[link_section = \"glovebox.macros\"]
            static __GBX_RECORD: [u8; {length}] = *RECORD;
        }};"
    );
    let tokens: TokenStream = text.parse().expect("the entry is well-formed");
    let record = Literal::byte_string(record);
    fill(tokens, &function, &record)
}

/// Hygiene of our own for all but the function's name, which stays what the author wrote.
fn fill(tokens: TokenStream, function: &Ident, record: &Literal) -> TokenStream {
    let token = |token: TokenTree| {
        let mut token: TokenTree = match token {
            TokenTree::Ident(word) if word.to_string() == "FUNCTION" => {
                return function.clone().into()
            }
            TokenTree::Ident(word) if word.to_string() == "RECORD" => record.clone().into(),
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), fill(group.stream(), function, record)).into()
            }
            token => token,
        };
        token.set_span(Span::mixed_site());
        token
    };
    tokens.into_iter().map(token).collect()
}

/// `Name` or `Name, attributes(helper, …)`, with or without commas at the ends.
fn derive_arguments(arguments: TokenStream) -> Result<(String, Vec<String>), Refusal> {
    let malformed = || {
        let text = "malformed `proc_macro_derive` attribute input: expected \
                    `#[proc_macro_derive(TraitName, attributes(name1, name2, ...))]`";
        Refusal(Span::call_site(), text.to_owned())
    };
    let mut helpers = Vec::new();
    let mut tokens = Tokens::new(arguments);
    let name = match tokens.next() {
        Some(TokenTree::Ident(name)) => name.to_string(),
        _ => return Err(malformed()),
    };
    tokens.comma_or_end().ok_or_else(malformed)?;
    if let Some(word) = tokens.next() {
        let group = match tokens.next() {
            Some(TokenTree::Group(group)) if is_word(&word, "attributes") => group,
            _ => return Err(malformed()),
        };
        let mut words = Tokens::new(group.stream());
        while let Some(word) = words.next() {
            let TokenTree::Ident(word) = word else { return Err(malformed()) };
            // as written: the shim declares it in the same words, and `as` needs its `r#`
            helpers.push(word.to_string());
            words.comma_or_end().ok_or_else(malformed)?;
        }
        tokens.comma_or_end().ok_or_else(malformed)?;
    }
    match tokens.next() {
        None => Ok((name, helpers)),
        Some(_) => Err(malformed()),
    }
}

/// The span from a function's first token to its last. Where another macro made one of them, that is the
/// span of this macro's call (rustc: Span::to); of tokens in different files the compiler says nothing.
fn item_span(start: Span, end: Span) -> Span {
    let made = if start.parent().is_none() { end } else { start };
    start.join(end).unwrap_or(made)
}

fn end_of(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    }
}

fn plain_word(word: &Ident) -> String {
    let text = word.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

/// Attributes that do nothing to the function's tokens. A word that is missing here costs one more
/// round, see `must_wait`.
fn is_inert(first: &str, whole: &str) -> bool {
    const TOOLS: [&str; 6] =
        ["clippy", "diagnostic", "miri", "rust_analyzer", "rustdoc", "rustfmt"];
    const BUILT_IN: [&str; 22] = [
        "allow",
        "cold",
        "coverage",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "ignore",
        "inline",
        "link_section",
        "must_use",
        "no_mangle",
        "non_exhaustive",
        "optimize",
        "rustc_diagnostic_item",
        "rustfmt_skip",
        "should_panic",
        "target_feature",
        "track_caller",
        "type_length_limit",
        "warn",
    ];
    BUILT_IN.contains(&whole) || (first != whole && TOOLS.contains(&first))
}

/// Letters that any linker takes, still one name for each.
fn ascii(name: &str) -> String {
    let letter = |ch: char| match ch {
        ch if ch.is_ascii() => ch.to_string(),
        ch => format!("u{:x}_", u32::from(ch)),
    };
    name.chars().map(letter).collect()
}

fn escape(field: &str) -> String {
    field.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string() == word)
}

/// `pub` or `pub(…)` and nothing else.
fn is_visibility(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    tokens.next().is_some_and(|first| is_word(&first, "pub"))
        && tokens.all(|token| matches!(token, TokenTree::Group(_)))
}

fn name_after_fn(tokens: &mut Tokens) -> Option<TokenTree> {
    loop {
        match tokens.next()? {
            TokenTree::Ident(word) if word.to_string() == "fn" => return tokens.next(),
            TokenTree::Ident(word) => {
                const BEFORE_FN: [&str; 7] =
                    ["async", "const", "default", "extern", "gen", "safe", "unsafe"];
                if !BEFORE_FN.contains(&&word.to_string()[..]) {
                    return None;
                }
            }
            // `pub(crate)`, `extern "C"`
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
            TokenTree::Punct(_) => return None,
        }
    }
}

fn attributes(tokens: &mut Tokens) -> Vec<(String, String, String)> {
    let mut attributes = Vec::new();
    while tokens.at_attribute() {
        tokens.next();
        let Some(TokenTree::Group(group)) = tokens.next() else { break };
        // The path, also within `unsafe(…)`.
        let mut inner = Tokens::new(group.stream());
        if inner.peek().is_some_and(|token| is_word(token, "unsafe")) {
            inner.next();
            if let Some(TokenTree::Group(group)) = inner.next() {
                inner = Tokens::new(group.stream());
            }
        }
        let mut words = Vec::new();
        while let Some(TokenTree::Ident(word)) = inner.next() {
            words.push(plain_word(&word));
            let colons =
                |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
            if !inner.peek().is_some_and(colons) {
                break;
            }
            inner.next();
            inner.next();
        }
        let first = words.first().cloned().unwrap_or_default();
        let path = words.join("::");
        let text = match &path[..] {
            "doc" => documentation(&group),
            _ => format!("#{group}"),
        };
        attributes.push((first, path, text));
    }
    attributes
}

/// `#[doc = …]` with a macro's result for the macro (`include_str!`, relative to the file that says it);
/// other kinds of `#[doc]` as they are.
fn documentation(group: &Group) -> String {
    let mut tokens = group.stream().into_iter();
    let (_, equals) = (tokens.next(), tokens.next());
    if !matches!(equals, Some(TokenTree::Punct(punct)) if punct.as_char() == '=') {
        return format!("#{group}");
    }
    match tokens.collect::<TokenStream>().expand_expr() {
        Ok(text) => format!("#[doc = {text}]"),
        Err(_) => String::new(),
    }
}

/// Tokens with the invisible groups opened that a `macro_rules!` puts around its fragments.
struct Tokens {
    levels: Vec<proc_macro::token_stream::IntoIter>,
    ahead: Vec<TokenTree>,
    /// The `$vis` that the token pulled last came first out of.
    visibility: Option<Span>,
}

impl Tokens {
    fn new(stream: TokenStream) -> Tokens {
        Tokens { levels: vec![stream.into_iter()], ahead: Vec::new(), visibility: None }
    }

    fn pull(&mut self) -> Option<TokenTree> {
        self.visibility = None;
        loop {
            match self.levels.last_mut()?.next() {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
                    self.visibility = is_visibility(&group).then(|| group.span_open());
                    self.levels.push(group.stream().into_iter());
                }
                Some(token) => return Some(token),
                None => {
                    self.levels.pop();
                }
            }
        }
    }

    fn peek(&mut self) -> Option<&TokenTree> {
        if self.ahead.is_empty() {
            let token = self.pull()?;
            self.ahead.push(token);
        }
        self.ahead.first()
    }

    /// Where the compiler says that the next token starts: a `$vis` starts in the `macro_rules!` that says
    /// it, other fragments where their first token was written.
    fn start(&mut self) -> Span {
        let token = self.peek().map(TokenTree::span);
        self.visibility.or(token).unwrap_or_else(Span::call_site)
    }

    fn at_attribute(&mut self) -> bool {
        matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
    }

    fn comma_or_end(&mut self) -> Option<()> {
        match self.next() {
            None => Some(()),
            Some(TokenTree::Punct(punct)) if punct.as_char() == ',' => Some(()),
            Some(_) => None,
        }
    }
}

impl Iterator for Tokens {
    type Item = TokenTree;

    fn next(&mut self) -> Option<TokenTree> {
        match self.ahead.pop() {
            Some(token) => Some(token),
            None => self.pull(),
        }
    }
}
