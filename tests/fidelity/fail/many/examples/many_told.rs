many::constants! { {"name": "K"} }
many::constants! { {"nme": 1} }
many::constants! { not json at all }
many::make_macro!(1);
many::make_macro!(m);
const X: u32 = m!(1, "a");
fn main() {}
