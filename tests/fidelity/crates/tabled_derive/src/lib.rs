//! `tabled_derive`: proc-macro-error2.
use tabled::{Table, Tabled};

#[derive(Tabled)]
#[tabled(rename_all = "UPPERCASE", display(Option, "tabled::derive::display::option", "-"))]
pub struct Row {
    pub name: &'static str,
    #[tabled(rename = "The N", format("<{}>", self.n))]
    pub n: u8,
    #[tabled(skip)]
    pub hidden: u8,
    #[tabled(inline)]
    pub kind: Kind,
    #[tabled(order = 0)]
    pub opt: Option<u8>,
}
#[derive(Tabled)]
pub enum Kind {
    #[tabled(inline("k::"))]
    A {
        x: u8,
    },
    B,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints() {
        let t = Table::new([Row { name: "r", n: 3, hidden: 0, kind: Kind::A { x: 1 }, opt: None }])
            .to_string();
        assert!(t.contains("| OPT | NAME | The N |") && t.contains("<3>"), "{t}");
    }
}
