// SPDX-License-Identifier: Apache-2.0

//! The loops of package bench by rayon's parallel iterators. It has no scan.

use crate::fork::{rayon_pool, timed};
use crate::{Cell, Round};
use rayon::prelude::*;

pub fn cells() -> Vec<Cell> {
    [
        ("sum", "rayon", true, rayon_sum as fn(usize) -> Round),
        ("sum", "serial-rust", false, serial_sum),
        ("map", "rayon", true, rayon_map),
        ("map", "serial-rust", false, serial_map),
        ("mandelbrot", "rayon", true, rayon_mandelbrot),
        ("mandelbrot", "serial-rust", false, serial_mandelbrot),
        ("primes", "rayon", true, rayon_primes),
        ("primes", "serial-rust", false, serial_primes),
    ]
    .into_iter()
    .map(|(workload, runtime, per_core, open)| Cell { workload, runtime, per_core, open })
    .collect()
}

/// The larger of two sizes if it is asked for.
fn size(units: u64, large: u64, small: u64) -> u64 {
    if units >= large { large } else { small }
}

fn checked(got: u64, want: u64, units: u64, took: std::time::Duration) -> Result<(u64, std::time::Duration), String> {
    if got != want {
        return Err(format!("of {units}: {got}, want {want}"));
    }
    Ok((units, took))
}

/// Calls f as often as there are copies, at once; the first call is given true.
fn copies(n: usize, f: impl Fn(bool) + Sync) {
    std::thread::scope(|s| {
        for _ in 1..n {
            s.spawn(|| f(false));
        }
        f(true);
    });
}

fn sum(run: impl Fn(&[f64]) -> f64 + 'static) -> Round {
    let mut input: Vec<f64> = Vec::new();
    Box::new(move |units| {
        let n = size(units, 10_000_000, 10_000);
        if input.len() as u64 != n {
            input = (0..n).map(|i| (i % 1000) as f64).collect();
        }
        let (got, took) = timed(|| run(std::hint::black_box(&input)));
        checked(got as u64, n / 1000 * 499_500, n, took)
    })
}
fn rayon_sum(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    sum(move |s| pool.install(|| s.par_iter().sum()))
}
fn serial_sum(n: usize) -> Round {
    sum(move |s| {
        let first = std::sync::Mutex::new(0.0);
        copies(n, |me| {
            let got: f64 = std::hint::black_box(s).iter().sum();
            if me {
                *first.lock().expect("no panic") = got;
            }
            std::hint::black_box(got);
        });
        first.into_inner().expect("no panic")
    })
}

fn cheap(mut v: u64) -> u64 {
    v ^= v >> 33;
    v = v.wrapping_mul(0xff51_afd7_ed55_8ccd);
    v ^= v >> 33;
    v = v.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    v ^ v >> 33
}

fn map(mut run: impl FnMut(&[u64], &mut [u64]) + 'static) -> Round {
    let (mut input, mut output): (Vec<u64>, Vec<u64>) = Default::default();
    Box::new(move |units| {
        let n = size(units, 1_000_000, 10_000);
        if input.len() as u64 != n {
            input = (0..n).map(|i| i % 1000).collect();
            output = vec![0; n as usize];
        }
        output.iter_mut().step_by(61).for_each(|v| *v += 1); // else a round that does nothing is right
        let ((), took) = timed(|| run(&input, &mut output));
        let small: u64 = (0..1000).map(|i| cheap(i) % 10_007).sum();
        checked(output.iter().map(|v| v % 10_007).sum(), n / 1000 * small, n, took)
    })
}
fn rayon_map(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    map(move |from, to| pool.install(|| to.par_iter_mut().zip(from).for_each(|(to, v)| *to = cheap(*v))))
}
fn serial_map(n: usize) -> Round {
    let mut others: Vec<Vec<u64>> = vec![Vec::new(); n - 1];
    map(move |from, to| {
        let one = |to: &mut [u64]| to.iter_mut().zip(from).for_each(|(to, v)| *to = cheap(*v));
        std::thread::scope(|s| {
            for own in &mut others {
                own.resize(from.len(), 0);
                s.spawn(move || one(own));
            }
            one(to);
        });
    })
}

fn mandelbrot_row(y: usize, n: usize) -> i64 {
    let (im, mut steps) = (1.2 * y as f64 / n as f64, 0);
    for x in 0..n {
        let re = -2.0 + 2.5 * x as f64 / n as f64;
        let (mut a, mut b) = (0.0f64, 0.0f64);
        for _ in 0..100 {
            let (aa, bb) = (a * a, b * b);
            if aa + bb > 4.0 {
                break;
            }
            (a, b) = (aa - bb + re, 2.0 * a * b + im);
            steps += 1;
        }
    }
    steps
}

fn mandelbrot(run: impl Fn(usize) -> i64 + 'static) -> Round {
    Box::new(move |units| {
        let n = size(units, 1024, 32);
        let (got, took) = timed(|| run(std::hint::black_box(n as usize)));
        checked(got as u64, if n == 1024 { 31_867_580 } else { 32_478 }, n, took)
    })
}
fn rayon_mandelbrot(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    mandelbrot(move |n| pool.install(|| (0..n).into_par_iter().map(|y| mandelbrot_row(y, n)).sum()))
}
fn serial_mandelbrot(k: usize) -> Round {
    mandelbrot(move |n| first_of(k, || (0..n).map(|y| mandelbrot_row(y, n)).sum()))
}

fn is_prime(v: u32) -> bool {
    if v % 2 == 0 {
        return v == 2;
    }
    let mut d = 3;
    while d * d <= v {
        if v % d == 0 {
            return false;
        }
        d += 2;
    }
    v > 1
}

fn primes(run: impl Fn(&[u32]) -> i64 + 'static) -> Round {
    let mut input: Vec<u32> = Vec::new();
    Box::new(move |units| {
        let n = size(units, 2_000_000, 10_000);
        if input.len() as u64 != n {
            input = (0..n as u32).collect();
        }
        let (got, took) = timed(|| run(&input));
        checked(got as u64, if n == 2_000_000 { 148_933 } else { 1229 }, n, took)
    })
}
fn rayon_primes(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    primes(move |s| pool.install(|| s.par_iter().filter(|v| is_prime(**v)).count() as i64))
}
fn serial_primes(k: usize) -> Round {
    primes(move |s| first_of(k, || s.iter().filter(|v| is_prime(**v)).count() as i64))
}

/// Computes copies at once, and returns what the first got.
fn first_of(n: usize, f: impl Fn() -> i64 + Sync) -> i64 {
    let first = std::sync::atomic::AtomicI64::new(-1);
    copies(n, |me| {
        let got = std::hint::black_box(f());
        if me {
            first.store(got, std::sync::atomic::Ordering::SeqCst);
        }
    });
    first.into_inner()
}
