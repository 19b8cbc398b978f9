//! `bon`: builders for functions, methods and structs; a large syn 2 and darling user.
use bon::{bon, builder, Builder};

#[builder]
pub fn greet(
    #[builder(start_fn)] who: &str,
    age: u32,
    #[builder(default = 1)] times: usize,
    title: Option<&str>,
) -> String {
    format!("{}{who} {age};", title.unwrap_or_default()).repeat(times)
}

#[derive(Builder, Debug, PartialEq)]
#[builder(on(String, into), start_fn = make, finish_fn(name = done, doc {
    /// Finishes.
}), derive(Clone, Debug))]
pub struct Config<'a, T: Clone = u8>
where
    T: PartialEq,
{
    #[builder(start_fn)]
    id: T,
    #[builder(field)]
    list: Vec<&'a str>,
    name: String,
    #[builder(skip = id.clone())]
    copy: T,
    #[builder(with = |x: u8| u16::from(x) * 2, name = doubled)]
    twice: u16,
    #[builder(required)]
    opt: Option<u8>,
}
impl<'a, T: Clone + PartialEq, S: config_builder::State> ConfigBuilder<'a, T, S> {
    pub fn item(mut self, s: &'a str) -> Self {
        self.list.push(s);
        self
    }
}

pub struct Counter(u32);
#[bon]
impl Counter {
    #[builder(finish_fn = make)]
    pub fn new(#[builder(default = 3, getter)] start: u32) -> Self {
        Counter(start)
    }
    #[builder]
    pub fn add(&mut self, #[builder(finish_fn)] extra: u32, by: u32) -> u32 {
        self.0 += by + extra;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds() {
        assert_eq!(greet("x").age(3).times(2).title("Dr ").call(), "Dr x 3;Dr x 3;");
        let c = Config::make(9u8).item("i").name("n").doubled(4).opt(None).done();
        assert_eq!((c.copy, c.name.as_str(), c.twice, c.list.len()), (9, "n", 8, 1));
        let mut c = Counter::builder().make();
        assert_eq!(c.add().by(1).call(2), 6);
    }
}
