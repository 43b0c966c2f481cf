// SPDX-License-Identifier: Apache-2.0

//! Integration and matrices by rayon's join, as in package bench.

use crate::fork::{rayon_pool, timed};
use crate::{Cell, Round};

pub fn cells() -> Vec<Cell> {
    vec![
        Cell { workload: "integrate", runtime: "rayon", per_core: true, open: rayon_integrate },
        Cell { workload: "integrate", runtime: "serial-rust", per_core: false, open: serial_integrate },
        Cell { workload: "matmul", runtime: "rayon", per_core: true, open: rayon_matmul },
        Cell { workload: "matmul", runtime: "serial-rust", per_core: false, open: serial_matmul },
    ]
}

fn curve(x: f64) -> f64 {
    (x * x + 1.0) * x
}

#[derive(Clone, Copy)]
struct Stretch {
    x: f64,
    width: f64,
    y1: f64,
    y2: f64,
}

impl Stretch {
    fn whole(n: f64) -> Stretch {
        Stretch { x: 0.0, width: n, y1: curve(0.0), y2: curve(n) }
    }

    fn area(self) -> f64 {
        (self.y1 + self.y2) / 2.0 * self.width
    }

    /// Both halves, or the area if it is good enough.
    fn halves(self) -> Result<f64, (Stretch, Stretch)> {
        let half = self.width / 2.0;
        let x = self.x + half;
        let y = curve(x);
        let l = Stretch { width: half, y2: y, ..self };
        let r = Stretch { x, width: half, y1: y, ..self };
        let area = l.area() + r.area();
        if (area - self.area()).abs() < 1e-6 { Ok(area) } else { Err((l, r)) }
    }
}

fn plain_integral(s: Stretch) -> f64 {
    match s.halves() {
        Ok(area) => area,
        Err((l, r)) => plain_integral(l) + plain_integral(r),
    }
}

fn join_integral(s: Stretch) -> f64 {
    match s.halves() {
        Ok(area) => area,
        Err((l, r)) => {
            let (a, b) = rayon::join(|| join_integral(l), || join_integral(r));
            a + b
        }
    }
}

/// Halving takes as many forks as in package bench, and the sums are the same in
/// every order.
fn integrate(run: impl Fn(f64) -> f64 + 'static) -> Round {
    Box::new(move |units| {
        let (n, units) = if units < 833_653 { (10.0, 1_735) } else { (1000.0, 833_653) };
        let want = plain_integral(Stretch::whole(n));
        let (got, took) = timed(|| run(std::hint::black_box(n)));
        if got != want {
            return Err(format!("integral to {n}: {got}, want {want}"));
        }
        Ok((units, took))
    })
}

fn rayon_integrate(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    integrate(move |n| pool.install(|| join_integral(Stretch::whole(n))))
}

fn serial_integrate(copies: usize) -> Round {
    integrate(move |n| {
        std::thread::scope(|s| {
            for _ in 1..copies {
                s.spawn(move || std::hint::black_box(plain_integral(Stretch::whole(n))));
            }
            plain_integral(Stretch::whole(n))
        })
    })
}

const BLOCK: usize = 32;

fn left(i: usize, j: usize) -> i64 {
    ((i * 7 + j * 3) % 11) as i64 - 5
}
fn right(i: usize, j: usize) -> i64 {
    ((i * 5 + j * 2) % 13) as i64 - 6
}
fn weight(i: usize) -> i64 {
    (i % 17 + 1) as i64
}

/// A square part of a matrix. Parts that are written to do not overlap.
#[derive(Clone, Copy)]
struct Part {
    at: *mut f64,
    stride: usize,
}

unsafe impl Send for Part {}
unsafe impl Sync for Part {}

impl Part {
    fn part(self, row: usize, column: usize) -> Part {
        Part { at: unsafe { self.at.add(row * self.stride + column) }, stride: self.stride }
    }
    fn row(&self, i: usize, n: usize) -> &mut [f64] {
        unsafe { std::slice::from_raw_parts_mut(self.at.add(i * self.stride), n) }
    }
}

/// c += a * b
#[derive(Clone, Copy)]
struct Product {
    a: Part,
    b: Part,
    c: Part,
    n: usize,
}

impl Product {
    fn quarters(self) -> [Product; 8] {
        let h = self.n / 2;
        std::array::from_fn(|i| {
            let (row, column, k) = ((i >> 1 & 1) * h, (i & 1) * h, (i >> 2) * h);
            Product { a: self.a.part(row, k), b: self.b.part(k, column), c: self.c.part(row, column), n: h }
        })
    }

    fn block(self) {
        for i in 0..self.n {
            let c = self.c.row(i, self.n);
            for k in 0..self.n {
                let x = self.a.row(i, self.n)[k];
                for (c, y) in c.iter_mut().zip(self.b.row(k, self.n).iter()) {
                    *c += x * *y;
                }
            }
        }
    }

    fn plain(self) {
        if self.n <= BLOCK {
            self.block();
        } else {
            self.quarters().into_iter().for_each(Product::plain);
        }
    }

    fn join(self) {
        if self.n <= BLOCK {
            return self.block();
        }
        for q in self.quarters().chunks(4) {
            rayon::join(
                || rayon::join(|| q[0].join(), || q[1].join()),
                || rayon::join(|| q[2].join(), || q[3].join()),
            );
        }
    }
}

fn matmul(run: impl Fn(Product) + 'static) -> Round {
    Box::new(move |units| {
        let n = [512usize, 256, 64].into_iter().find(|n| (n * n * n) as u64 <= units).unwrap_or(64);
        let fill = |f: fn(usize, usize) -> i64| -> Vec<f64> { (0..n * n).map(|i| f(i / n, i % n) as f64).collect() };
        let (mut a, mut b, mut c) = (fill(left), fill(right), vec![0f64; n * n]);
        let part = |m: &mut Vec<f64>| Part { at: m.as_mut_ptr(), stride: n };
        let all = Product { a: part(&mut a), b: part(&mut b), c: part(&mut c), n };
        let ((), took) = timed(|| run(all));
        let got: i64 = (0..n * n).map(|i| c[i] as i64 * weight(i / n) * weight(i % n + 1)).sum();
        let want: i64 = (0..n)
            .map(|k| {
                let rows: i64 = (0..n).map(|i| weight(i) * left(i, k)).sum();
                let columns: i64 = (0..n).map(|i| weight(i + 1) * right(k, i)).sum();
                rows * columns
            })
            .sum();
        if got != want {
            return Err(format!("product of {n}: {got}, want {want}"));
        }
        Ok(((n * n * n) as u64, took))
    })
}

fn rayon_matmul(workers: usize) -> Round {
    let pool = rayon_pool(workers);
    matmul(move |p| pool.install(|| p.join()))
}

/// The others compute into matrices of their own.
fn serial_matmul(copies: usize) -> Round {
    matmul(move |p| {
        std::thread::scope(|s| {
            for _ in 1..copies {
                let n = p.n;
                s.spawn(move || {
                    let mut own = vec![0f64; n * n];
                    let whole = p;
                    Product { c: Part { at: own.as_mut_ptr(), stride: n }, ..whole }.plain();
                    std::hint::black_box(own);
                });
            }
            p.plain()
        })
    })
}
