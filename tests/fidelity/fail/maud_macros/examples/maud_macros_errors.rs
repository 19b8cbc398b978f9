use maud::html;
fn main() {
    html! { p { "unclosed" };  br { } "x" = 3 };
    html! { @if x { } @else if }.into_string();
    html! { (missing_variable) (std::cell::Cell::new(1)) };
    html! { input value=3; a href { } };
    html! { p class="a" class="b" #x #y {} };
}
