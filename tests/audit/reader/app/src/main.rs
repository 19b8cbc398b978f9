#[derive(reads::Risky)]
struct _S;

#[reads::untouched]
unsafe fn own() -> u8 {
    7
}

fn main() {
    println!("{}", reads::file!("data/one.txt"));
    println!("{}", reads::names!("data"));
    println!("{}", reads::variable!("CARGO_VARIABLE"));
    println!("{} {}", risky(&1), unsafe { own() });
}
