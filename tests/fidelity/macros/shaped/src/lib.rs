//! Macros that come whole, or but for their visibility and name, out of another crate's `macro_rules!`.
extern crate proc_macro;

macros_shapes::shaped_derive! {
    /// Of a visibility of the caller's.
    #[proc_macro_derive(Shaped, attributes(shape))]
    pub fn SHAPED
}

macros_shapes::shaped_function!(WHOLE);
