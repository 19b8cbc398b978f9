//! Uses the macros of each edition.

macro_rules! each {
    ($($name:ident)*) => {$(
        println!("{} {}", $name::r#move!(a), $name::fragment!(b));
        println!("{} {} {}", $name::one!(), $name::two!(), $name::three!());
        println!("{} {}", $name::conditional!(c), $name::pattern!());
        println!("{}", $name::std_tour!());
        {
            #[$name::attribute(#[allow(dead_code)])]
            #[derive($name::Größe)]
            struct S { #[a] #[a = 1] x: u8 }
            println!("{}", std::mem::size_of::<S>());
        }
    )*};
}

fn main() {
    each!(e2015 e2018 renamed e2024);
}
