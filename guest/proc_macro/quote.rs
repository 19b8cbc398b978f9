//! What the code that `quote!` expands to leans on. The expansion itself is the compiler's: `quote!` is
//! built in, and names these items through `$crate`.

use std::ops::BitOr;

use crate::{ToTokens, TokenStream};

/// `quote!(..)` accepts arbitrary tokens and expands into a `TokenStream` describing the input.
#[unstable(feature = "proc_macro_quote", issue = "54722")]
#[allow_internal_unstable(proc_macro_def_site, proc_macro_internals, proc_macro_totokens)]
#[rustc_builtin_macro]
pub macro quote($($t:tt)*) {
    /* compiler built-in */
}

#[doc(hidden)]
#[unstable(feature = "proc_macro_quote", issue = "54722")]
pub struct HasIterator; // True
#[doc(hidden)]
#[unstable(feature = "proc_macro_quote", issue = "54722")]
pub struct ThereIsNoIteratorInRepetition; // False

macro_rules! or {
    ($($a:ident | $b:ident = $c:ident;)*) => {$(
        #[unstable(feature = "proc_macro_quote", issue = "54722")]
        impl BitOr<$b> for $a {
            type Output = $c;
            fn bitor(self, _rhs: $b) -> $c {
                $c
            }
        }
    )*};
}

or! {
    ThereIsNoIteratorInRepetition | ThereIsNoIteratorInRepetition = ThereIsNoIteratorInRepetition;
    HasIterator | ThereIsNoIteratorInRepetition = HasIterator;
    ThereIsNoIteratorInRepetition | HasIterator = HasIterator;
    HasIterator | HasIterator = HasIterator;
}

/// Extension traits used by the implementation of `quote!`.
#[doc(hidden)]
#[unstable(feature = "proc_macro_quote", issue = "54722")]
pub mod ext {
    use std::collections::btree_set::{self, BTreeSet};
    use std::slice;

    use super::{
        HasIterator as HasIter, RepInterp, ThereIsNoIteratorInRepetition as DoesNotHaveIter,
    };
    use crate::ToTokens;

    /// Extension trait providing the `quote_into_iter` method on iterators.
    #[doc(hidden)]
    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    pub trait RepIteratorExt: Iterator + Sized {
        fn quote_into_iter(self) -> (Self, HasIter) {
            (self, HasIter)
        }
    }

    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    impl<T: Iterator> RepIteratorExt for T {}

    /// Extension trait providing the `quote_into_iter` method for non-iterable types: the same value
    /// in every repetition.
    #[doc(hidden)]
    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    pub trait RepToTokensExt {
        fn next(&self) -> Option<&Self> {
            Some(self)
        }

        fn quote_into_iter(&self) -> (&Self, DoesNotHaveIter) {
            (self, DoesNotHaveIter)
        }
    }

    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    impl<T: ToTokens + ?Sized> RepToTokensExt for T {}

    /// Extension trait providing the `quote_into_iter` method for types that can be referenced as an
    /// iterator.
    #[doc(hidden)]
    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    pub trait RepAsIteratorExt<'q> {
        type Iter: Iterator;

        fn quote_into_iter(&'q self) -> (Self::Iter, HasIter);
    }

    macro_rules! through {
        ($($pointer:ty)*) => {$(
            #[unstable(feature = "proc_macro_quote", issue = "54722")]
            impl<'q, T: RepAsIteratorExt<'q> + ?Sized> RepAsIteratorExt<'q> for $pointer {
                type Iter = T::Iter;

                fn quote_into_iter(&'q self) -> (Self::Iter, HasIter) {
                    <T as RepAsIteratorExt>::quote_into_iter(*self)
                }
            }
        )*};
    }

    through!(&T &mut T);

    macro_rules! collection {
        ($([$($bound:tt)*] $collection:ty => $iter:ty;)*) => {$(
            #[unstable(feature = "proc_macro_quote", issue = "54722")]
            impl<'q, T: 'q, $($bound)*> RepAsIteratorExt<'q> for $collection {
                type Iter = $iter;

                fn quote_into_iter(&'q self) -> (Self::Iter, HasIter) {
                    (self.iter(), HasIter)
                }
            }
        )*};
    }

    collection! {
        [] [T] => slice::Iter<'q, T>;
        [const N: usize] [T; N] => slice::Iter<'q, T>;
        [] Vec<T> => slice::Iter<'q, T>;
        [] BTreeSet<T> => btree_set::Iter<'q, T>;
    }

    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    impl<'q, T: RepAsIteratorExt<'q>> RepAsIteratorExt<'q> for RepInterp<T> {
        type Iter = T::Iter;

        fn quote_into_iter(&'q self) -> (Self::Iter, HasIter) {
            self.0.quote_into_iter()
        }
    }
}

/// A binding within a repetition. A name that is bound more than once shadows its own iterator with
/// one of these, whose inherent `next` hands out the value without advancing anything.
#[derive(Copy, Clone)]
#[doc(hidden)]
#[unstable(feature = "proc_macro_quote", issue = "54722")]
pub struct RepInterp<T>(#[unstable(feature = "proc_macro_quote", issue = "54722")] pub T);

impl<T> RepInterp<T> {
    #[doc(hidden)]
    #[allow(clippy::should_implement_trait)]
    #[unstable(feature = "proc_macro_quote", issue = "54722")]
    pub fn next(self) -> Option<T> {
        Some(self.0)
    }
}

#[unstable(feature = "proc_macro_quote", issue = "54722")]
impl<T: Iterator> Iterator for RepInterp<T> {
    type Item = T::Item;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

#[unstable(feature = "proc_macro_quote", issue = "54722")]
impl<T: ToTokens> ToTokens for RepInterp<T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
