use bare::{bare, Bare};

#[derive(Bare)]
struct Derived;

fn main() {
    let _ = Derived;
    println!("{} {}", bare!(), bare15::bare15!());
    println!("{}", place::place!());
    println!("{}", place::read!());
    println!("{}", place::attribute!());
    #[cfg(feature = "allocators")]
    println!("{} {}", heap::heap!(), own::own!());
}
