fn main() {
    println!("bench: {}", derive::whereabouts!());
}
