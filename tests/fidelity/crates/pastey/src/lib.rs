//! `pastey`: a living fork of paste.
use pastey::paste;

macro_rules! make {
    ($($name:ident => $value:expr),* $(,)?) => {
        paste! {
            $(
                #[doc = concat!("The ", stringify!([<$name:upper>]))]
                pub const [<$name:upper _VALUE>]: i32 = $value;
                pub fn [<get_ $name:snake:lower>]() -> i32 { [<$name:upper _VALUE>] }
            )*
        }
    };
}
make! { FirstOne => 1, Second => -2 + 3 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert_eq!((get_first_one(), SECOND_VALUE), (1, 1));
    }
}
