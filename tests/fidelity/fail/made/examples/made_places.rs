//! Where macros were defined that a macro handed through, or made anew.
#[derive(made::Through)]
struct One;
#[derive(made::Wrapped)]
#[wrapped]
struct Two;
#[made::wrapped_before]
struct Three;
fn main() {}
