// SPDX-License-Identifier: Apache-2.0

//! Tasks by tokio, as in its own benchmarks.

use crate::{Cell, Round};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

pub fn cells() -> Vec<Cell> {
    [
        ("spawn-inside", spawn_inside as fn(usize) -> Round),
        ("submit-1", submit_1),
        ("submit-8", submit_8),
        ("yield", yield_many),
        ("ping-pong", ping_pong),
        ("chained-spawn", chained_spawn),
        ("spawn-result", spawn_inside),
        ("submit-result", submit_result),
    ]
    .into_iter()
    .map(|(workload, open)| Cell { workload, runtime: "tokio", per_core: false, open })
    .collect()
}

pub fn runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).build().expect("runtime")
}

/// Tells when the last of some tasks is done.
struct Countdown {
    left: AtomicU64,
    done: std::sync::mpsc::SyncSender<()>,
}

impl Countdown {
    fn new(n: u64) -> (Arc<Countdown>, std::sync::mpsc::Receiver<()>) {
        let (done, wait) = std::sync::mpsc::sync_channel(1);
        (Arc::new(Countdown { left: AtomicU64::new(n), done }), wait)
    }
    fn one(&self) {
        if self.left.fetch_sub(1, SeqCst) == 1 {
            self.done.send(()).expect("somebody waits");
        }
    }
}

fn spawn_inside(workers: usize) -> Round {
    const BATCH: u64 = 1000;
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        let ran = rt.block_on(async move {
            tokio::spawn(async move {
                let (mut left, mut ran) = (units, 0u64);
                let mut handles = Vec::with_capacity(BATCH as usize);
                while left > 0 {
                    let n = left.min(BATCH);
                    left -= n;
                    handles.extend((0..n).map(|_| tokio::spawn(async { 1u64 })));
                    for h in handles.drain(..) {
                        ran += h.await.expect("no panic");
                    }
                }
                ran
            })
            .await
            .expect("no panic")
        });
        check(ran, units, began)
    })
}

pub fn check(ran: u64, want: u64, began: Instant) -> Result<(u64, std::time::Duration), String> {
    let took = began.elapsed();
    if ran != want {
        return Err(format!("{ran} of {want} tasks ran"));
    }
    Ok((want, took))
}

fn submit_1(workers: usize) -> Round {
    submit(workers, 1)
}

fn submit_8(workers: usize) -> Round {
    submit(workers, 8)
}

fn submit(workers: usize, by: u64) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let (count, wait) = Countdown::new(units);
        let began = Instant::now();
        std::thread::scope(|s| {
            for i in 0..by {
                let n = units / by + u64::from(i < units % by);
                let (count, rt) = (count.clone(), &rt);
                s.spawn(move || {
                    for _ in 0..n {
                        let count = count.clone();
                        rt.spawn(async move { count.one() });
                    }
                });
            }
        });
        wait.recv().expect("the last task");
        check(units - count.left.load(SeqCst), units, began)
    })
}

fn yield_many(workers: usize) -> Round {
    const TASKS: u64 = 200;
    let rt = runtime(workers);
    Box::new(move |units| {
        let (count, wait) = Countdown::new(TASKS);
        let began = Instant::now();
        for _ in 0..TASKS {
            let count = count.clone();
            rt.spawn(async move {
                for _ in 0..units / TASKS {
                    tokio::task::yield_now().await;
                }
                count.one();
            });
        }
        wait.recv().expect("the last task");
        check(units / TASKS * TASKS, units / TASKS * TASKS, began)
    })
}

fn ping_pong(workers: usize) -> Round {
    const PAIRS: u64 = 1000;
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        for _ in 0..units / PAIRS {
            let (count, wait) = Countdown::new(PAIRS);
            rt.block_on(async {
                tokio::spawn(async move {
                    for _ in 0..PAIRS {
                        let count = count.clone();
                        tokio::spawn(async move {
                            let (there, got) = oneshot::channel();
                            let (back, answer) = oneshot::channel();
                            tokio::spawn(async move {
                                got.await.expect("a ping");
                                back.send(()).expect("somebody waits");
                            });
                            there.send(()).expect("somebody waits");
                            answer.await.expect("a pong");
                            count.one();
                        });
                    }
                });
            });
            wait.recv().expect("the last pair");
        }
        check(units / PAIRS * PAIRS, units / PAIRS * PAIRS, began)
    })
}

/// Spawns batches from outside, and receives a result from each task.
fn submit_result(workers: usize) -> Round {
    const BATCH: u64 = 1000;
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        let (mut next, mut ran) = (0u64, 0u64);
        let mut handles = Vec::with_capacity(BATCH as usize);
        while next < units {
            let end = (next + BATCH).min(units);
            handles.extend((next..end).map(|n| rt.spawn(async move { n })));
            for (h, n) in handles.drain(..).zip(next..end) {
                ran += u64::from(rt.block_on(h).expect("no panic") == n);
            }
            next = end;
        }
        check(ran, units, began)
    })
}

fn chained_spawn(workers: usize) -> Round {
    const LENGTH: u64 = 1000;
    fn link(left: u64, count: Arc<Countdown>) {
        if left == 0 {
            count.one();
        } else {
            tokio::spawn(async move { link(left - 1, count) });
        }
    }
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        for _ in 0..units / LENGTH {
            let (count, wait) = Countdown::new(1);
            rt.block_on(async { tokio::spawn(async move { link(LENGTH, count) }) });
            wait.recv().expect("the last link");
        }
        check(units / LENGTH * LENGTH, units / LENGTH * LENGTH, began)
    })
}
