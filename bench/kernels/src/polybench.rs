//! Kernels in the manner of PolyBench: dense loops over matrices of doubles and integers.
use crate::heap::rounds;
use alloc::vec::Vec;

fn matrix(n: usize, f: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    (0..n * n).map(|i| f(i / n, i % n)).collect()
}

fn checksum(values: &[f64]) -> u64 {
    values.iter().sum::<f64>().to_bits()
}

/// Matrix product.
#[no_mangle]
pub extern "C" fn gemm(n: u32) -> u64 {
    const N: usize = 96;
    rounds(n, |_| {
        let a = matrix(N, |i, j| (i * j % 97) as f64 / 97.0);
        let b = matrix(N, |i, j| (i * (j + 1) % 89) as f64 / 89.0);
        let mut c = matrix(N, |i, j| (i + j) as f64);
        for i in 0..N {
            for k in 0..N {
                let factor = 1.5 * a[i * N + k];
                for j in 0..N {
                    c[i * N + j] += factor * b[k * N + j];
                }
            }
        }
        checksum(&c)
    })
}

/// LU decomposition without pivoting.
#[no_mangle]
pub extern "C" fn lu(n: u32) -> u64 {
    const N: usize = 96;
    rounds(n, |_| {
        let mut a = matrix(N, |i, j| if i == j { N as f64 } else { ((i * j) % 31) as f64 / 31.0 });
        for k in 0..N {
            for i in k + 1..N {
                a[i * N + k] /= a[k * N + k];
                let factor = a[i * N + k];
                for j in k + 1..N {
                    a[i * N + j] -= factor * a[k * N + j];
                }
            }
        }
        checksum(&a)
    })
}

/// Five-point stencil.
#[no_mangle]
pub extern "C" fn jacobi(n: u32) -> u64 {
    const N: usize = 128;
    rounds(n, |_| {
        let mut a = matrix(N, |i, j| (i * (j + 2)) as f64 / N as f64);
        let mut b = a.clone();
        for _ in 0..10 {
            for i in 1..N - 1 {
                for j in 1..N - 1 {
                    let at = i * N + j;
                    b[at] = 0.2 * (a[at] + a[at - 1] + a[at + 1] + a[at - N] + a[at + N]);
                }
            }
            core::mem::swap(&mut a, &mut b);
        }
        checksum(&a)
    })
}

/// All shortest paths: integers, comparison, selection.
#[no_mangle]
pub extern "C" fn floyd(n: u32) -> u64 {
    const N: usize = 96;
    rounds(n, |seed| {
        let mut random = crate::Random::new(seed + 31);
        let mut d: Vec<i32> = (0..N * N).map(|_| 1 + random.below(999) as i32).collect();
        for k in 0..N {
            for i in 0..N {
                let first = d[i * N + k];
                for j in 0..N {
                    let via = first + d[k * N + j];
                    if via < d[i * N + j] {
                        d[i * N + j] = via;
                    }
                }
            }
        }
        d.iter().map(|&v| v as u64).sum()
    })
}

/// Gravity between bodies: square roots and divisions.
#[no_mangle]
pub extern "C" fn nbody(n: u32) -> u64 {
    rounds(n, |_| {
        let mut bodies: [[f64; 7]; 5] = core::array::from_fn(|i| {
            let i = i as f64;
            [i * 3.1, 1.0 - i, 0.5 * i, 0.01 * i, 0.02, -0.01 * i, 1.0 / (1.0 + i)]
        });
        for _ in 0..2000 {
            for i in 0..5 {
                for j in i + 1..5 {
                    let d: [f64; 3] = core::array::from_fn(|k| bodies[i][k] - bodies[j][k]);
                    let distance = d.iter().map(|x| x * x).sum::<f64>() + 0.01;
                    let magnitude = 0.001 / (distance * root(distance));
                    let (mi, mj) = (bodies[i][6], bodies[j][6]);
                    for k in 0..3 {
                        bodies[i][3 + k] -= d[k] * mj * magnitude;
                        bodies[j][3 + k] += d[k] * mi * magnitude;
                    }
                }
            }
            for body in &mut bodies {
                for k in 0..3 {
                    body[k] += 0.001 * body[3 + k];
                }
            }
        }
        bodies.iter().flatten().sum::<f64>().to_bits()
    })
}

/// Newton's iteration: `core` has no square root.
fn root(x: f64) -> f64 {
    let mut y = f64::from_bits((x.to_bits() >> 1) + 0x1FF8_0000_0000_0000);
    for _ in 0..4 {
        y = 0.5 * (y + x / y);
    }
    y
}

/// A transposing walk and a histogram: cache-unfriendly integer memory traffic.
#[no_mangle]
pub extern "C" fn transpose(n: u32) -> u64 {
    const N: usize = 256;
    rounds(n, |seed| {
        let a: Vec<u32> = (0..N * N).map(|i| (i as u32).wrapping_mul(2654435761) ^ seed as u32).collect();
        let mut b = a.clone();
        let mut histogram = [0u32; 256];
        for i in 0..N {
            for j in 0..N {
                b[j * N + i] = a[i * N + j].rotate_left(7);
                histogram[(b[j * N + i] >> 24) as usize] += 1;
            }
        }
        histogram.iter().zip(&b).fold(0, |sum, (&h, &v)| crate::mix(sum, u64::from(h ^ v)))
    })
}
