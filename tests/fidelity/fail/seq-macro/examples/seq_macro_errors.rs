use seq_macro::seq;
seq!(N in 0..);
seq!(N in 3..0u8 { });
seq!(N in 0..4u16 { struct S~M; });
seq!(N of 0..4 { });
seq!(N in 'a'..'z'..'b' { });
seq!(N in 0..3 { fn f~N() -> u8 { "x" } });
seq!(N in 0..2 { const C: u8 = N; });
fn main() {}
