use structopt::StructOpt;
#[derive(StructOpt)]
struct A {
    #[structopt(short, shrt, long = 3)]
    a: u8,
    #[structopt(parse(wrong))]
    b: u8,
    #[structopt(subcommand, flatten)]
    c: u8,
    #[structopt(raw(x = "y"))]
    d: u8,
}
#[derive(StructOpt)]
union U {
    a: u8,
}
#[derive(StructOpt)]
struct B(u8, u8);
fn main() {}
