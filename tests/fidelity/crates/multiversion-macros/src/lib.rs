//! `multiversion-macros`.
use multiversion::{multiversion, target::selected_target};

#[multiversion(targets("x86_64+avx2", "x86_64+sse4.1", "aarch64+neon"))]
pub fn square<T: Copy + std::ops::Mul<Output = T>>(x: &mut [T]) -> usize {
    for v in x.iter_mut() {
        *v = *v * *v;
    }
    let _ = selected_target!();
    x.len()
}
#[multiversion(targets = "simd", dispatcher = "static")]
pub fn sum(x: &[i32], &y: &i32) -> i32 {
    x.iter().sum::<i32>() + y
}

#[cfg(test)]
mod tests {
    #[test]
    fn computes() {
        let mut v = [1.0, 2.0];
        assert_eq!((super::square(&mut v), super::sum(&[1, 2], &3)), (2, 6));
    }
}
