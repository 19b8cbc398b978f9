//! `inventory-impl` 0.1 with `ctor` of its time, and `ghost`.
pub struct Flag {
    pub name: &'static str,
}
inventory::collect!(Flag);

inventory::submit! {

    Flag { name: "one" }
}
inventory::submit! { Flag { name: "two" } }

#[cfg(test)]
mod tests {
    #[test]
    fn collects() {
        let mut v: Vec<_> = inventory::iter::<super::Flag>.into_iter().map(|f| f.name).collect();
        v.sort();
        assert_eq!(v, ["one", "two"]);
    }
}
