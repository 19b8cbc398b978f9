#[derive(weigher::Weigh)]
struct Box {
    #[allow(dead_code)]
    height: u32,
    #[weightless]
    #[allow(dead_code)]
    colour: String,
}

#[weigher::counted]
fn one() {}

#[weigher::counted]
fn two() {}

fn main() {
    one();
    two();
    println!("{} {}", weigher::weigh_text!("feather"), Box::WEIGHT);
    println!("{ONE_NUMBER} {TWO_NUMBER}");
}
