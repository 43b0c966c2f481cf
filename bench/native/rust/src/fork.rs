// SPDX-License-Identifier: Apache-2.0

//! Fork-join by rayon, and the serial recursion beside it.

use crate::tree::*;
use crate::{Cell, Round};
use std::time::Instant;

pub fn cells() -> Vec<Cell> {
    let mut all = Vec::new();
    for (workload, join, serial) in [
        ("fib", rayon_fib as fn(usize) -> Round, serial_fib as fn(usize) -> Round),
        ("skynet", rayon_skynet, serial_skynet),
        ("nqueens", rayon_queens, serial_queens),
        ("uts-t1", rayon_t1, serial_t1),
        ("uts-t3", rayon_t3, serial_t3),
    ] {
        all.push(Cell { workload, runtime: "rayon", per_core: true, open: join });
        all.push(Cell { workload, runtime: "serial-rust", per_core: false, open: serial });
    }
    all
}

fn rayon(workers: usize, sizes: &'static [Size], f: fn(u64) -> u64) -> Round {
    let pool = rayon_pool(workers);
    round(sizes, move |n| pool.install(|| f(n)))
}

/// A pool whose threads have room for the deepest tree.
pub fn rayon_pool(workers: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(workers).stack_size(256 << 20).build().expect("threads")
}

pub fn timed<T>(f: impl FnOnce() -> T) -> (T, std::time::Duration) {
    let began = Instant::now();
    let got = f();
    (got, began.elapsed())
}

fn serial(copies: usize, sizes: &'static [Size], f: fn(u64) -> u64) -> Round {
    round(sizes, move |n| {
        std::thread::scope(|s| {
            for _ in 1..copies {
                s.spawn(move || std::hint::black_box(f(n)));
            }
            f(n)
        })
    })
}

fn round(sizes: &'static [Size], f: impl Fn(u64) -> u64 + 'static) -> Round {
    Box::new(move |units| {
        let s = size(sizes, units);
        let (got, took) = timed(|| f(std::hint::black_box(s.n)));
        if got != s.want {
            return Err(format!("of {}: {got}, want {}", s.n, s.want));
        }
        Ok((s.units, took))
    })
}

fn rayon_fib(w: usize) -> Round {
    rayon(w, FIB, join_fib)
}
fn serial_fib(w: usize) -> Round {
    serial(w, FIB, plain_fib)
}
fn join_fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (a, b) = rayon::join(|| join_fib(n - 1), || join_fib(n - 2));
    a + b
}
fn plain_fib(n: u64) -> u64 {
    if n < 2 { n } else { plain_fib(n - 1) + plain_fib(n - 2) }
}

fn rayon_skynet(w: usize) -> Round {
    rayon(w, SKYNET, |n| join_skynet(0, n))
}
fn serial_skynet(w: usize) -> Round {
    serial(w, SKYNET, |n| plain_skynet(0, n))
}
fn join_skynet(number: u64, leaves: u64) -> u64 {
    if leaves == 1 { number } else { join_siblings(number, leaves / 10, 10) }
}
fn join_siblings(number: u64, each: u64, n: u64) -> u64 {
    if n == 1 {
        return join_skynet(number, each);
    }
    let half = n / 2;
    let (a, b) = rayon::join(
        || join_siblings(number, each, half),
        || join_siblings(number + half * each, each, n - half),
    );
    a + b
}
fn plain_skynet(number: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return number;
    }
    let each = leaves / 10;
    (0..10).map(|i| plain_skynet(number + i * each, each)).sum()
}

fn rayon_queens(w: usize) -> Round {
    rayon(w, QUEENS, |n| join_queens(Board::new(n)))
}
fn serial_queens(w: usize) -> Round {
    serial(w, QUEENS, |n| plain_queens(Board::new(n)))
}
fn join_queens(b: Board) -> u64 {
    if b.rows == b.n {
        return 1;
    }
    let first = b.next(0);
    if first == b.n { 0 } else { join_columns(b, first) }
}
fn join_columns(b: Board, first: i8) -> u64 {
    let second = b.next(first + 1);
    if second == b.n {
        return join_queens(b.with(first));
    }
    let (x, y) = rayon::join(|| join_queens(b.with(first)), || join_columns(b, second));
    x + y
}
fn plain_queens(b: Board) -> u64 {
    if b.rows == b.n {
        return 1;
    }
    let mut found = 0;
    let mut c = b.next(0);
    while c < b.n {
        found += plain_queens(b.with(c));
        c = b.next(c + 1);
    }
    found
}

fn rayon_t1(w: usize) -> Round {
    rayon(w, T1, |n| join_uts(Node::root(false, n)))
}
fn serial_t1(w: usize) -> Round {
    serial(w, T1, |n| plain_uts(Node::root(false, n)))
}
fn rayon_t3(w: usize) -> Round {
    rayon(w, T3, |n| join_uts(Node::root(true, n)))
}
fn serial_t3(w: usize) -> Round {
    serial(w, T3, |n| plain_uts(Node::root(true, n)))
}
fn join_uts(n: Node) -> u64 {
    match n.children() {
        0 => 1,
        c => 1 + join_children(&n, 0, c),
    }
}
fn join_children(n: &Node, lo: u32, hi: u32) -> u64 {
    let first = n.child(lo);
    if lo + 1 == hi {
        return join_uts(first);
    }
    let (a, b) = rayon::join(|| join_uts(first), || join_children(n, lo + 1, hi));
    a + b
}
fn plain_uts(n: Node) -> u64 {
    1 + (0..n.children()).map(|i| plain_uts(n.child(i))).sum::<u64>()
}
