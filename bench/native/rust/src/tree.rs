// SPDX-License-Identifier: Apache-2.0

//! The trees of package bench: the same recursion, the same answers.

/// A size is an input, how many units it has, and the answer.
pub struct Size {
    pub n: u64,
    pub units: u64,
    pub want: u64,
}

pub const FIB: &[Size] = &[
    Size { n: 15, units: 986, want: 610 },
    Size { n: 30, units: 1_346_268, want: 832_040 },
    Size { n: 37, units: 39_088_168, want: 24_157_817 },
];
pub const SKYNET: &[Size] = &[
    Size { n: 1_000, units: 1_111, want: 499_500 },
    Size { n: 1_000_000, units: 1_111_111, want: 499_999_500_000 },
];
pub const QUEENS: &[Size] = &[
    Size { n: 8, units: 2_057, want: 92 },
    Size { n: 10, units: 35_539, want: 724 },
    Size { n: 13, units: 4_674_890, want: 73_712 },
];
pub const T1: &[Size] = &[Size { n: 8, units: 257_042, want: 257_042 }, Size { n: 10, units: 4_130_071, want: 4_130_071 }];
pub const T3: &[Size] = &[Size { n: 100, units: 6_797, want: 6_797 }, Size { n: 2000, units: 4_112_897, want: 4_112_897 }];

/// The largest size of at most that many units, or the smallest.
pub fn size(sizes: &'static [Size], units: u64) -> &'static Size {
    sizes.iter().rev().find(|s| s.units <= units).unwrap_or(&sizes[0])
}

#[derive(Clone, Copy)]
pub struct Board {
    columns: u64,
    pub rows: i8,
    pub n: i8,
}

impl Board {
    pub fn new(n: u64) -> Board {
        Board { columns: 0, rows: 0, n: n as i8 }
    }

    fn free(self, column: i8) -> bool {
        let mut columns = self.columns;
        for back in 1..=self.rows {
            let d = (columns & 15) as i8 - column;
            if d == 0 || d == back || d == -back {
                return false;
            }
            columns >>= 4;
        }
        true
    }

    pub fn with(self, column: i8) -> Board {
        Board { columns: self.columns << 4 | column as u64, rows: self.rows + 1, n: self.n }
    }

    /// The first free column from one on, or n.
    pub fn next(self, mut from: i8) -> i8 {
        while from < self.n && !self.free(from) {
            from += 1;
        }
        from
    }
}

#[derive(Clone, Copy)]
pub struct Node {
    state: [u8; 20],
    size: u32,
    pub t3: bool,
}

impl Node {
    pub fn root(t3: bool, size: u64) -> Node {
        let mut seed = [0u8; 20];
        seed[16..].copy_from_slice(&(if t3 { 42u32 } else { 19 }).to_be_bytes());
        Node { state: hash(&seed), size: size as u32, t3 }
    }

    pub fn child(&self, i: u32) -> Node {
        let mut input = [0u8; 24];
        input[..20].copy_from_slice(&self.state);
        input[20..].copy_from_slice(&i.to_be_bytes());
        Node { state: hash(&input), size: if self.t3 { 0 } else { self.size - 1 }, t3: self.t3 }
    }

    pub fn children(&self) -> u32 {
        let word = u32::from_be_bytes(self.state[16..].try_into().unwrap()) & (i32::MAX as u32);
        let p = word as f64 / (1u64 << 31) as f64;
        if !self.t3 {
            if self.size == 0 {
                return 0;
            }
            return ((1.0 - p).ln() / (1.0f64 - 1.0 / 5.0).ln()).floor().min(100.0) as u32;
        }
        if self.size > 0 {
            self.size
        } else if p < 0.124875 {
            8
        } else {
            0
        }
    }
}

fn hash(data: &[u8]) -> [u8; 20] {
    use sha1::Digest;
    sha1::Sha1::digest(data).into()
}
