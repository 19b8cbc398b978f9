use indoc::*;
const A: &str = indoc!(3);
const B: &str = indoc!("a" "b");
const C: &str = indoc!();
fn main() {
    let _ = formatdoc!("
        {missing}
        {}
        {0", 1);
    printdoc!(x);
    writedoc!("no");
}
