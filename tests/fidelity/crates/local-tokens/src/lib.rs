//! Every kind of token, in every way of giving it back.
use macros_tokens::*;

macro_rules! each_way {
    ($($body:tt)*) => {
        pub mod as_it_is { super::untouched! { $($body)* } }
        pub mod apart { super::one_by_one! { $($body)* } }
        pub mod made_anew { super::rebuilt! { $($body)* } }
        pub mod half { super::partly! { $($body)* } }
        pub mod by_text { super::reparsed! { $($body)* } }
        pub const DISPLAYED: &str = displayed! { $($body)* };
        pub const DISPLAYED_REBUILT: &str = displayed_rebuilt! { $($body)* };
        pub const DISPLAYED_APART: &str = displayed_apart! { $($body)* };
        pub const DEBUGGED: &str = debugged! { $($body)* };
        pub const DESCRIBED: &str = described! { $($body)* };
    };
}

each_way! {
    /// Documented "so"
    /** and so */
    #[allow(unused, dead_code)]
    pub fn f<'a, T: ?Sized + 'a>(r#type: &'a T, mut n: i64) -> impl Fn(u8)->u8 +use<'a,T>
    where for<'b> &'b T: Sized {
        n <<= 1; n >>= 2; n &= !0; n |= 1|2; n ^= 3; n %= 5; n -= -7; n *= 2 ; n /= 1;
        let _ = n << 1 >> 1 <= 3 && n >= 2 || (n != 3) == true;
        let _ = (1.,1e5,1.0e-3f32,0xFF_u8,0b11,0o7,1_000i64,'a','\'','\u{e9}',b'x',b"bytes\xff",r"raw",r#"r"aw"#,br##"b"#r"##,c"c",cr"cr","s\
            joined");
        let _=[0..=1]; let _ = ..; let _ = 0 ..; let _ = (1,).0;
        'outer: loop { break 'outer; }
        let _ = r#type as *const T; let _ = || -> () {}; let _ = &&1; let _ = & & 1; let _ = - - 1;
        if let Some(x @ 1..=2) = None::<u8> { let _ = x; }
        let _: <Vec<u8> as IntoIterator>::Item = 1u8;
        let _: Vec<Vec<u8>> = Vec::<Vec<u8> >::new();
        move |x| x
    }
    #[derive(Clone)]
    pub struct S<const N: usize = { 1 + 1 }>(pub [u8; N], ::std::string::String);
    macro_rules! m { ($($x:tt)*) => { $($x)* } ; }
    m! { pub const C: &str = stringify!(a <<= 'b ..= $ # ~ @ ? => <- :: ! r#fn "x"suffix); }
}

pub const UNTOUCHED_GROUPS: &str = displayed!(a(b)c [d]  {e} ( ) {} [ ] a . b :: c ; , x<y>z 'a 'b : & 'c mut d);
pub const REBUILT_GROUPS: &str = displayed_rebuilt!(a(b)c [d]  {e} ( ) {} [ ] a . b :: c ; , x<y>z 'a 'b : & 'c mut d);
pub const PUNCTUATION: &str = displayed_apart!(+ - * / % ^ ! & | && || << >> += -= *= /= %= ^= &= |= <<= >>= = == != > < >= <= @ _ . .. ... ..= , ; : :: -> => <- # $ ? ~);
pub const PUNCTUATION_DEBUG: &str = debugged!(+ && <<= ... 'a 'b' $ #);
pub const COMMENTS: &str = displayed!(a /* lost */ b // lost
    /// kept
    c /** kept too */ d //! inner
    e);
pub const EMPTY: (&str, &str, &str) = (displayed!(), debugged!(), described!());
pub const LINES: &str = described!(
    first
      "a
multi-line é" 'é' é(
    ) # [é]
);

macro_rules! through {
    ($e:expr, $t:ty, $i:ident, $l:lifetime, $lit:literal, $p:path, $v:vis, $b:block, $pat:pat, $it:item) => {
        pub const FRAGMENTS: &str = displayed!($e, $t, $i, $l, $lit, $p, $v, $b, $pat, $it);
        pub const FRAGMENTS_REBUILT: &str = displayed_rebuilt!($e, $t, $i, $l, $lit, $p, $v, $b, $pat, $it);
        pub const FRAGMENTS_DEBUG: &str = debugged!($e, $t, $i, $l, $lit, $p, $v, $b, $pat, $it);
        pub const FRAGMENTS_DESCRIBED: &str = described!($e $t $i $l $lit $p $v $b $pat $it);
        pub fn fragments() -> i32 { untouched!($e * 2) + rebuilt!($e * 2) }
    };
}
through!(1 + -2, Vec<&'static u8>, name, 'life, -5, ::std::mem, pub(crate), { 1 }, Some(_) | None, pub struct It(u8););

pub fn literals() -> String {
    every_literal!().to_string()
}
pub const PARSED: &str = parse_text!("a <<= 'b /* c */ 1.. r#x # ! [d]");
pub fn refused() -> &'static str {
    refusals!()
}
pub fn hygienic() -> u8 {
    let x = 10;
    hygiene!(x + x)
}
odd! { pub const AFTER: u8 = 1; }

#[seen(name = "value", <T as Trait>::<'a>, [1, 2,], 3.)]
/// Documented
#[inline]
pub fn item<'a>(x :&'a u8)->u8 { *x+1 }

#[seen]
#[derive(Clone, Shown)]
#[shown(struct)]
pub struct Plain {
    #[shown(field = 1.0e5, <<=)] pub a: u8, /* gone */
    pub(in crate) b: Vec<&'static str>,
}
#[seen()]
#[cfg_attr(all(), derive(Shown))]
pub enum Choice { A = 1, #[shown] B, #[cfg(any())] Never, #[shown = "é"] C = - 3 }
#[seen{braces}]
pub mod inner { #![allow(unused)] //! Inner
    pub fn f() {} }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_in_every_way() {
        assert_eq!(as_it_is::C, by_text::C);
        // The compiler's parser does not see the invisible groups of a macro: 1 + 2 * 1 + 2.
        assert_eq!((PRODUCT, shifted(1), r#type(&[1, 2, 3]), AFTER), (5, 4, &[2u8, 3][..], 1));
        // An invisible group that came in holds, (1 + -2) * 2, until a macro makes it anew: 1 + -2 * 2.
        assert_eq!((hygienic(), fragments()), (23, -5));
        assert_eq!(item(&1), 2);
        for text in [
            DISPLAYED, DISPLAYED_REBUILT, DISPLAYED_APART, DEBUGGED, DESCRIBED, UNTOUCHED_GROUPS, REBUILT_GROUPS, PUNCTUATION,
            COMMENTS, LINES, FRAGMENTS, FRAGMENTS_REBUILT, Plain::SHOWN, Choice::SHOWN, SEEN_ITEM.1, refused(), &literals(),
        ] {
            assert!(!text.is_empty());
        }
    }
}
