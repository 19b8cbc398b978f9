//! `maud_macros`: a template language in the macro's input.
use maud::{html, Markup, PreEscaped, DOCTYPE};

pub fn page(title: &str, items: &[u8], open: bool, maybe: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { title { (title) } meta charset="utf-8"; }
            body #main.big."x-1" data-n=(items.len()) {
                @if open { p.open[open] { "open & " (PreEscaped("<b>bold</b>")) } } @else { p { "closed" } }
                @if let Some(m) = maybe { span title=[maybe] { (m) } }
                ul { @for (i, item) in items.iter().enumerate() { li id={ "i" (i) } { (item) } } }
                @match items.len() { 0 => "none", 1..=3 => { em { "few" } }, _ => "many" }
                @let n = 3 * 4;
                input type="checkbox" checked[n > 3] disabled;
                (n) br; "done"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn renders() {
        let s = super::page("a<b", &[7, 8], true, Some("m")).into_string();
        assert!(
            s.starts_with("<!DOCTYPE html><html lang=\"en\"><head><title>a&lt;b</title>"),
            "{s}"
        );
        assert!(
            s.contains("<li id=\"i1\">8</li>")
                && s.contains("<em>few</em>")
                && s.contains(" checked disabled>"),
            "{s}"
        );
    }
}
