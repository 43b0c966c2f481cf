// SPDX-License-Identifier: Apache-2.0

//! The sorts of package bench by rayon.

use crate::fork::{rayon_pool, timed};
use crate::{Cell, Round};
use rayon::slice::ParallelSliceMut;

pub fn cells() -> Vec<Cell> {
    [
        ("sort-int", "rayon", rayon_int as fn(usize) -> Round),
        ("sort-int", "serial-rust", serial_int),
        ("sort-struct", "rayon", rayon_struct),
        ("sort-struct", "serial-rust", serial_struct),
        ("sort-stable", "rayon", rayon_stable),
        ("sort-stable", "serial-rust", serial_stable),
    ]
    .into_iter()
    .map(|(workload, runtime, open)| Cell { workload, runtime, per_core: false, open })
    .collect()
}

/// An element that is sorted by its key; as large as in package bench.
#[derive(Clone, Copy)]
struct Record {
    key: i64,
    place: i64,
    _payload: [u8; 8],
}

struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

fn ints(sort: impl Fn(&mut [i64]) + 'static) -> Round {
    Box::new(move |units| {
        let mut rng = SplitMix(1);
        let mut s: Vec<i64> = (0..units).map(|_| rng.next() as i64).collect();
        let sum = s.iter().fold(0i64, |a, &b| a.wrapping_add(b));
        let ((), took) = timed(|| sort(&mut s));
        if !s.is_sorted() || s.iter().fold(0i64, |a, &b| a.wrapping_add(b)) != sum {
            return Err("not sorted, or other elements".into());
        }
        Ok((units, took))
    })
}

fn records(stable: bool, sort: impl Fn(&mut [Record]) + 'static) -> Round {
    Box::new(move |units| {
        let mut rng = SplitMix(1);
        let mut s: Vec<Record> = (0..units)
            .map(|i| Record { key: (rng.next() % (units / 4 + 1)) as i64, place: i as i64, _payload: [0; 8] })
            .collect();
        let sum = |s: &[Record]| s.iter().fold(0i64, |a, r| a.wrapping_add(r.key.wrapping_mul(r.place + 1)));
        let before = sum(&s);
        let ((), took) = timed(|| sort(&mut s));
        let sorted = s.windows(2).all(|w| w[0].key < w[1].key || w[0].key == w[1].key && (!stable || w[0].place < w[1].place));
        if !sorted || sum(&s) != before {
            return Err("not sorted, or other elements".into());
        }
        Ok((units, took))
    })
}

fn rayon_int(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    ints(move |s| pool.install(|| s.par_sort_unstable()))
}
fn serial_int(_: usize) -> Round {
    ints(|s| s.sort_unstable())
}
fn rayon_struct(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    records(false, move |s| pool.install(|| s.par_sort_unstable_by(|a, b| a.key.cmp(&b.key))))
}
fn serial_struct(_: usize) -> Round {
    records(false, |s| s.sort_unstable_by(|a, b| a.key.cmp(&b.key)))
}
fn rayon_stable(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    records(true, move |s| pool.install(|| s.par_sort_by(|a, b| a.key.cmp(&b.key))))
}
fn serial_stable(_: usize) -> Round {
    records(true, |s| s.sort_by(|a, b| a.key.cmp(&b.key)))
}
