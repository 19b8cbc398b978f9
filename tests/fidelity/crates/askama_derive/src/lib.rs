//! `askama_derive`: a compiler for templates that lie in the package; reads `askama.toml` as well.
use askama::Template;

#[derive(Template)]
#[template(path = "page.html")]
pub struct Page<'a, T: std::fmt::Display> {
    pub title: &'a str,
    pub items: Vec<T>,
    pub user: Option<User>,
}
pub struct User {
    pub name: String,
}

#[derive(Template)]
#[template(
    source = "{% for i in 0..n %}{{ loop.index }}:{{ i }}{% if !loop.last %},{% endif %}{% endfor %}",
    ext = "txt"
)]
pub struct Inline {
    pub n: u8,
}

#[derive(Template)]
#[template(path = "page.html", block = "footer", print = "none")]
pub struct Footer<'a> {
    pub title: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders() {
        let p = Page { title: "a<b", items: vec![1, 2], user: Some(User { name: "ann".into() }) };
        let text = p.render().unwrap();
        assert!(
            text.contains("<h1>A&#60;b</h1>")
                && text.contains("<li>2</li>")
                && text.contains("hello ann"),
            "{text}"
        );
        assert_eq!(Inline { n: 2 }.render().unwrap(), "1:0,2:1");
        assert_eq!(Footer { title: "t" }.render().unwrap().trim(), "foot t");
    }
}
