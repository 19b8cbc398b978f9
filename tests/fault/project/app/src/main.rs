fn main() {
    println!("{}", answer::sum!(20 and 22));
}
