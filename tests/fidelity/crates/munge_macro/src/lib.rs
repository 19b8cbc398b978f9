//! `munge_macro`.
use munge::munge;
use std::mem::MaybeUninit;

pub struct Example {
    pub a: u32,
    pub b: (char, f32),
}

pub fn fill() -> (u32, char, f32) {
    let mut m = MaybeUninit::<Example>::uninit();
    munge!(let Example { a, b: (c, mut f) } = &mut m);
    a.write(10);
    c.write('x');
    f.write(3.5);
    let e = unsafe { m.assume_init() };
    (e.a, e.b.0, e.b.1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn fills() {
        assert_eq!(super::fill(), (10, 'x', 3.5));
    }
}
