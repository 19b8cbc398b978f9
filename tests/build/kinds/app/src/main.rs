include!(concat!(env!("OUT_DIR"), "/made.rs"));

#[derive(derive::Greet)]
#[greet(helper)]
struct Person;

#[derive::untouched]
fn code() -> i32 {
    std::env::args().nth(1).map_or(0, |text| text.parse().unwrap())
}

fn main() {
    assert!(cfg!(built));
    println!("{} / {} / {}", Person::greet(), old::greet(), MADE);
    println!("macro: {}, build script: {}", Person::expanded_in(), env!("BUILT_IN"));
    std::process::exit(code());
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_the_app() {
        assert_eq!(super::Person::greet(), "hello Person");
    }
}
