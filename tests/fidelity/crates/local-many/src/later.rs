#[many::register(three)]
pub fn gamma() {}
pub const NAMES: &str = many::registered!();
