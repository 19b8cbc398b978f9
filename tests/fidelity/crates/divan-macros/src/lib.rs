//! `divan-macros`.
#[divan::bench]
pub fn plain() -> usize {
    divan::black_box(1)
}

#[divan::bench(args = [1, 2, 3], sample_count = 2, ignore = true, name = "renamed")]
pub fn with_args(bencher: divan::Bencher, n: u64) {
    bencher.bench(|| n * 2);
}

#[divan::bench(types = [u8, String], consts = [4, 8])]
pub fn generic<T: Default, const N: usize>() -> Vec<T> {
    (0..N).map(|_| T::default()).collect()
}

#[divan::bench_group(max_time = 1, skip_ext_time)]
pub mod group {
    #[divan::bench(crate = ::divan)]
    fn inner() {}
}

#[cfg(test)]
mod tests {
    #[test]
    fn still_functions() {
        assert_eq!((super::plain(), super::generic::<u8, 4>().len()), (1, 4));
    }
}
