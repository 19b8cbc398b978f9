//! `quickcheck_macros`.
#[cfg(test)]
mod tests {
    use quickcheck_macros::quickcheck;

    #[quickcheck]
    fn double_reverse(xs: Vec<isize>) -> bool {
        let mut ys = xs.clone();
        ys.reverse();
        ys.reverse();
        xs == ys
    }

    #[quickcheck]
    #[should_panic]
    fn fails((a, _b): (u8, u8), c: Option<char>) -> bool {
        let _ = (a, c);
        panic!("as told")
    }
}
