use structopt::StructOpt;
#[derive(StructOpt)]
struct A {
    #[structopt(long)]
    a: std::rc::Rc<u8>,
    #[structopt(long, default_value = 5)]
    b: Option<Option<bool>>,
    #[structopt(subcommand)]
    c: NotACommand,
    #[structopt(long, required = true)]
    d: bool,
}
struct NotACommand;
#[derive(StructOpt)]
enum E {
    #[structopt(external_subcommand)]
    X { a: u8 },
    #[structopt(skip)]
    Y,
}
fn main() {}
