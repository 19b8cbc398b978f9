use askama::Template;
#[derive(Template)]
#[template(source = "{{ missing }} {% if %}", ext = "txt")]
struct A;
#[derive(Template)]
#[template(path = "nowhere.html")]
struct B;
#[derive(Template)]
#[template(source = "{{ x.y }}{{ z }}", ext = "html")]
struct C {
    x: u8,
}
#[derive(Template)]
#[template(source = "{{ x|nofilter }}", ext = "txt", wrong = 3)]
struct D {
    x: u8,
}
#[derive(Template)]
struct E;
fn main() {}
