// SPDX-License-Identifier: Apache-2.0

//! The native peers of package bench that are written in Rust. It speaks the same
//! language as a child of the table: -cell workload/runtime/workers, -units, -for;
//! it prints one sample as JSON. -list prints what it knows.

mod fork;
mod loops;
mod message;
mod numbers;
mod sort;
mod task;
mod tree;
mod wait;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// One round: does up to that many units, returns how many and how long it took.
pub type Round = Box<dyn FnMut(u64) -> Result<(u64, Duration), String>>;

/// A way to do a workload.
pub struct Cell {
    pub workload: &'static str,
    pub runtime: &'static str,
    /// fork-join: time is multiplied by the workers
    pub per_core: bool,
    pub open: fn(usize) -> Round,
}

fn cells() -> Vec<Cell> {
    let mut all = fork::cells();
    all.extend(numbers::cells());
    all.extend(loops::cells());
    all.extend(sort::cells());
    all.extend(task::cells());
    all.extend(message::cells());
    all.extend(wait::cells());
    all
}

/// What rounds measure besides: the last figure of each kind, and latencies, counted
/// by bucket as in package bench.
#[derive(Default)]
pub struct Notes {
    extra: BTreeMap<&'static str, f64>,
    counts: BTreeMap<u64, u64>,
    total: u64,
    most: u64,
}

static NOTES: Mutex<Option<Notes>> = Mutex::new(None);

/// The notes of all rounds since the warm-up.
pub fn notes() -> Noted {
    Noted(NOTES.lock().expect("no panic"))
}

pub struct Noted(MutexGuard<'static, Option<Notes>>);

impl Noted {
    fn all(&mut self) -> &mut Notes {
        self.0.get_or_insert_default()
    }

    pub fn set(&mut self, metric: &'static str, value: f64) {
        self.all().extra.insert(metric, value);
    }

    pub fn latency(&mut self, ns: u64) {
        const FINE: u32 = 6;
        let bits = u64::BITS - ns.leading_zeros();
        let bucket = match bits.saturating_sub(FINE + 1) {
            0 => ns,
            shift => (u64::from(shift) << FINE) + (ns >> shift),
        };
        let all = self.all();
        *all.counts.entry(bucket).or_default() += 1;
        all.total += 1;
        all.most = all.most.max(ns);
    }

    fn clear(&mut self) {
        *self.0 = None;
    }

    /// What follows the other members of the JSON object.
    fn json(&mut self) -> String {
        let all = self.all();
        let mut text = String::new();
        if !all.extra.is_empty() {
            let each: Vec<String> = all.extra.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
            text += &format!(",\"extra\":{{{}}}", each.join(","));
        }
        if all.total > 0 {
            let each: Vec<String> = all.counts.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
            text += &format!(
                ",\"latencies\":{{\"counts\":{{{}}},\"total\":{},\"max_ns\":{}}}",
                each.join(","),
                all.total,
                all.most
            );
        }
        text
    }
}

fn main() {
    let mut cell = String::new();
    let (mut units, mut warm, mut limit) = (0u64, 0u64, Duration::from_secs(1));
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-list" => {
                for (runtime, krate) in [("rayon", "rayon"), ("tokio", "tokio")] {
                    println!("# {runtime} {}, {}", locked(krate), env!("RUSTC_VERSION"));
                }
                for c in cells() {
                    let fixed = if c.workload == wait::STATIC { " 1" } else { "" };
                    println!("{} {}{fixed}", c.workload, c.runtime);
                }
                return;
            }
            "-cell" => cell = args.next().unwrap_or_default(),
            "-warm" => warm = args.next().and_then(|v| v.parse().ok()).unwrap_or(0),
            "-units" => units = args.next().and_then(|v| v.parse().ok()).unwrap_or(0),
            "-for" => limit = parse_duration(&args.next().unwrap_or_default()),
            other => fail(&format!("unknown argument {other}")),
        }
    }
    let part: Vec<&str> = cell.split('/').collect();
    let [workload, runtime, workers] = part[..] else {
        fail(&format!("cell {cell:?} is not workload/runtime/workers"))
    };
    let Ok(workers) = workers.parse::<usize>() else {
        fail(&format!("{workers:?} workers"))
    };
    let all = cells();
    let Some(c) = all.iter().find(|c| c.workload == workload && c.runtime == runtime) else {
        fail(&format!("{runtime} does not do {workload}"))
    };
    let mut round = (c.open)(workers);
    let mut began = Instant::now();
    let few = if warm == 0 { units } else { warm.min(units) };
    loop {
        if let Err(e) = round(few) {
            fail(&e); // not measured: warms up
        }
        if began.elapsed() >= limit / 2 {
            break;
        }
    }
    notes().clear();
    began = Instant::now();
    let (mut done, mut elapsed) = (0u64, Duration::ZERO);
    let cpu = cpu_time();
    loop {
        match round(units) {
            Ok((n, took)) => {
                done += n;
                elapsed += took;
            }
            Err(e) => fail(&e),
        }
        if began.elapsed() > limit {
            break;
        }
    }
    println!(
        "{{\"units\":{done},\"elapsed_ns\":{},\"cpu_ns\":{},\"allocs\":0,\"bytes\":0,\"cores\":{}{}}}",
        elapsed.as_nanos(),
        (cpu_time() - cpu).as_nanos(),
        if c.per_core { workers } else { 1 },
        notes().json()
    );
}

/// The version of a crate, from the lock file.
fn locked(krate: &str) -> &'static str {
    let head = format!("name = \"{krate}\"\nversion = \"");
    let lock = include_str!("../Cargo.lock");
    let rest = lock.split(&head).nth(1).unwrap_or("?");
    rest.split('"').next().unwrap_or("?")
}

fn fail(message: &str) -> ! {
    eprintln!("native-rust: {message}");
    std::process::exit(1)
}

/// Reads what Go's Duration.String writes, in the units that the table uses.
fn parse_duration(text: &str) -> Duration {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value: f64 = rest[..digits].parse().unwrap_or_else(|_| fail(&format!("duration {text:?}")));
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += value
            * match &rest[..end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => fail(&format!("duration {text:?}")),
            };
        rest = &rest[end..];
    }
    Duration::from_secs_f64(total)
}

/// The CPU time of the process, from /proc; zero where there is none.
fn cpu_time() -> Duration {
    let Ok(text) = std::fs::read_to_string("/proc/self/stat") else {
        return Duration::ZERO;
    };
    let Some(after) = text.rsplit(')').next() else {
        return Duration::ZERO;
    };
    let field: Vec<&str> = after.split_whitespace().collect();
    let ticks: u64 = field[11].parse::<u64>().unwrap_or(0) + field[12].parse::<u64>().unwrap_or(0);
    Duration::from_millis(ticks * 10) // USER_HZ is 100 wherever there is /proc
}
