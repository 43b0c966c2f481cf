// SPDX-License-Identifier: Apache-2.0

//! What tasks of tokio tell each other: channels, locks, results.

use crate::task::{check, runtime};
use crate::{Cell, Round};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};

const ROOM: usize = 1000;
const SENDERS: u64 = 4;
const PAIRS: u64 = 1000;
const LOCK_TASKS: u64 = 1000;
const PERMITS: usize = 4;

pub fn cells() -> Vec<Cell> {
    [
        ("channel", channel as fn(usize) -> Round),
        ("mpsc-4", mpsc_4),
        ("one-shot", one_shot),
        ("hop", hop),
        ("pairs", pairs),
        ("notify", notify),
        ("mutex", mutex),
        ("semaphore", semaphore),
        ("mutex-1000", mutex_1000),
    ]
    .into_iter()
    .map(|(workload, open)| Cell { workload, runtime: "tokio", per_core: false, open })
    .collect()
}

/// How many of units the i-th of k does.
fn share(units: u64, i: u64, k: u64) -> u64 {
    units * (i + 1) / k - units * i / k
}

fn channel(workers: usize) -> Round {
    send(workers, 1)
}

fn mpsc_4(workers: usize) -> Round {
    send(workers, SENDERS)
}

fn send(workers: usize, senders: u64) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        let got = rt.block_on(async move {
            let (there, mut here) = mpsc::channel(ROOM);
            for i in 0..senders {
                let there = there.clone();
                tokio::spawn(async move {
                    for n in 0..share(units, i, senders) {
                        there.send((i as u32, n as u32)).await.expect("a receiver");
                    }
                });
            }
            drop(there);
            let receiver = tokio::spawn(async move {
                let (mut next, mut got) = ([0u32; SENDERS as usize], 0u64);
                while let Some((from, n)) = here.recv().await {
                    if n == next[from as usize] {
                        next[from as usize] += 1;
                        got += 1;
                    }
                }
                got
            });
            receiver.await.expect("no panic")
        });
        check(got, units, began)
    })
}

/// Runs one task and checks how often it says it did something.
fn counted<F, T>(workers: usize, task: F) -> Round
where
    F: Fn(u64) -> T + 'static,
    T: Future<Output = u64> + Send + 'static,
{
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        let task = task(units);
        let got = rt.block_on(async { tokio::spawn(task).await.expect("no panic") });
        check(got, units, began)
    })
}

fn one_shot(workers: usize) -> Round {
    counted(workers, |units| async move {
        let mut got = 0;
        for n in 0..units {
            let (there, here) = oneshot::channel();
            there.send(n).expect("a receiver");
            got += u64::from(here.await.expect("a message") == n);
        }
        got
    })
}

fn hop(workers: usize) -> Round {
    counted(workers, |units| async move {
        let (asks, mut asked) = mpsc::channel::<oneshot::Sender<u64>>(1);
        tokio::spawn(async move {
            let mut n = 0;
            while let Some(answer) = asked.recv().await {
                answer.send(n).expect("somebody waits");
                n += 1;
            }
        });
        let mut got = 0;
        for n in 0..units / 2 {
            let (answer, answered) = oneshot::channel();
            asks.send(answer).await.expect("an echo");
            got += 2 * u64::from(answered.await.expect("an answer") == n);
        }
        got
    })
}

fn pairs(workers: usize) -> Round {
    counted(workers, |units| async move {
        let trips = units / PAIRS;
        let mut callers = Vec::with_capacity(PAIRS as usize);
        for _ in 0..PAIRS {
            let (there, mut asked) = mpsc::channel::<u64>(1);
            let (back, mut answered) = mpsc::channel::<u64>(1);
            tokio::spawn(async move {
                while let Some(n) = asked.recv().await {
                    if back.send(n).await.is_err() {
                        return;
                    }
                }
            });
            callers.push(tokio::spawn(async move {
                let mut got = 0;
                for n in 0..trips {
                    there.send(n).await.expect("a partner");
                    got += u64::from(answered.recv().await == Some(n));
                }
                got
            }));
        }
        let mut got = 0;
        for c in callers {
            got += c.await.expect("no panic");
        }
        got
    })
}

fn notify(workers: usize) -> Round {
    counted(workers, |units| async move {
        let (there, back) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (mine, other) = (there.clone(), back.clone());
        tokio::spawn(async move {
            for _ in 0..units {
                mine.notified().await;
                other.notify_one();
            }
        });
        let mut got = 0;
        for _ in 0..units {
            there.notify_one();
            back.notified().await;
            got += 1;
        }
        got
    })
}

fn mutex(workers: usize) -> Round {
    counted(workers, |units| async move {
        let m = Mutex::new(0u64);
        for _ in 0..units {
            *m.lock().await += 1;
        }
        m.into_inner()
    })
}

fn semaphore(workers: usize) -> Round {
    counted(workers, |units| async move {
        let s = Semaphore::new(PERMITS);
        let mut got = 0;
        for _ in 0..units {
            let _permit = s.acquire().await.expect("open");
            got += 1;
        }
        got
    })
}

fn mutex_1000(workers: usize) -> Round {
    counted(workers, |units| async move {
        let m = Arc::new(Mutex::new(0u64));
        let held = m.lock().await;
        let tasks: Vec<_> = (0..LOCK_TASKS)
            .map(|i| {
                let m = m.clone();
                tokio::spawn(async move {
                    for _ in 0..share(units, i, LOCK_TASKS) {
                        *m.lock().await += 1;
                    }
                })
            })
            .collect();
        drop(held);
        for t in tasks {
            t.await.expect("no panic");
        }
        let got = *m.lock().await;
        got
    })
}
