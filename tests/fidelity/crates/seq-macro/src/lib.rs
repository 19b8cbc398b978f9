//! `seq-macro`: no syn; repetition by numbers, identifiers pasted with `~`.
use seq_macro::seq;

seq!(N in 0..4 {
    #[derive(Debug, PartialEq)]
    pub enum Processor { #( Cpu~N, )* }
    pub const ALL: [Processor; 4] = [#( Processor::Cpu~N, )*];
});
seq!(C in 'a'..='c' { #( pub fn is_~C(c: char) -> bool { c == C } )* });
seq!(N in 0x0A..=0x0C { pub fn hex~N() -> u32 { N } });
seq!(N in 098..=101 { pub fn padded~N() -> &'static str { stringify!(N) } });
seq!(B in b'x'..=b'z' { pub static BYTES: &[u8] = &[#( B, )*]; });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence() {
        assert_eq!(ALL[3], Processor::Cpu3);
        assert!(is_b('b') && !is_a('b'));
        assert_eq!((hex0B(), padded099(), BYTES), (11, "099", &b"xyz"[..]));
    }
}
