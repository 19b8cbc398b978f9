//! Prints what the macros found.
#![allow(unused)]

use api_macros::Probe;

macro_rules! hand_on {
    ($name:ident; $($t:tt)*) => { api_macros::$name! { $($t)* } };
}
macro_rules! fragments {
    ($i:ident $l:lifetime $e:expr, $t:ty, $p:pat, $b:block $v:vis, $m:meta, $lit:literal $path:path, $item:item $tt:tt) => {
        api_macros::input! { $i $l $e, $t, $p, $b $v $m, $lit $path, $item $tt $crate }
    };
}

/// Documentation, "quoted".
#[derive(Probe)]
#[helper(a = 1, b("x"))]
pub struct Struct<'a, T: Clone + 'static, const N: usize = 3>
where
    T: Copy,
{
    #[other]
    /** block */
    pub(crate) field: &'a [T; N],
    r#type: (u8, Option<fn(i32) -> Vec<Vec<u8>>>),
}

mod attribute {
    #[api_macros::attribute(a, b = "c"; [1 ..= 2] x => y)]
    pub fn item(x: &'static str) -> impl Iterator<Item = u8> + use<> {
        x.bytes().map(|b| b << 1 >> 1)
    }
}

fn main() {
    println!("{}", api_macros::input!());
    println!(
        "{}",
        api_macros::input!(a + b*c, "x" 'c' b"x" r#"raw"# 1.0e3f64 0xFFu8 -1 'life r#fn $ # ? @ ~ a::b::<C>)
    );
    println!(
        "{}",
        api_macros::input! {
            // comment
            fn f<'a>(x: &'a mut u8) -> u8 { x.y().z?; /* c */ [1,2 , 3] } // comment
            /// doc
            #[attr] struct S;
            größe e
        }
    );
    println!("{}", hand_on!(input; a b {c} <<= ..= -> ::));
    println!(
        "{}",
        fragments!(x 'a 1 + 2, Vec<u8>, Some(_), { 1; } pub(crate), doc = "m", -5 std::vec::Vec::<u8>, fn g() {} [t t])
    );
    println!("{}", api_macros::constructors!(a (b) "c"));
    println!("{}", api_macros::streams!(x.y(1 ,2) [a  b] {c}=));
    println!("{}", api_macros::deep!());
    println!("{}", api_macros::from_text!());
    println!("{}", api_macros::literals!());
    println!(
        "{}",
        api_macros::spans!(a "b" (c [größe d]) {
        multi line
    } end)
    );
    println!("{}", hand_on!(spans; x (y)));
    println!("{}", api_macros::panics!());
    println!("{}", api_macros::unwinding!());
    println!("{} {} {}", api_macros::count!(), api_macros::count!(), api_macros::count!());
    println!("{}", api_macros::environment!());
    println!("{}", DERIVE);
    println!("{}", attribute::ATTRIBUTE);
    println!("{}", stringify!(api_macros::identity! { untouched a  + b }));
    ways::run();
    #[cfg(feature = "unstable")]
    unstable::run();
}

mod ways {
    macro_rules! ways {
        ($($way:ident)*) => {
            pub fn run() {
                $(println!("{} {}", stringify!($way), api_macros::identity!($way { let v = vec![1 , 2]; let x = 3; v.iter().map(|y| y+x).sum::<i32>() })); )*
            }
        };
    }
    ways!(untouched tokens deep text group split respan);
}

#[cfg(feature = "unstable")]
mod unstable {
    pub fn run() {
        println!("{}", api_macros::unstable_spans!(a b "literal" (c {d}) end));
        println!("{}", hand_on!(unstable_spans; x "y"));
        println!("{}", api_macros::unstable_values!());
        println!("{}", api_macros::unstable_quote!(in put));
        println!("{}", api_macros::unstable_expand!(concat!("a", "b")));
        println!("{}", api_macros::unstable_expand!(concat!("nested ", api_macros::identity!(tokens 7), api_macros::three!(::std::concat!(1, ::api_macros::identity!(untouched 5), 2)))));
        println!("{}", api_macros::unstable_tracked!());
        api_macros::unstable_diagnostics!(one two three);
    }
}
