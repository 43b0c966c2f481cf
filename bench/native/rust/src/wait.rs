// SPDX-License-Identifier: Apache-2.0

//! Tasks of tokio that wait: memory, timers, latencies, direct style.

use crate::task::{check, runtime};
use crate::{Cell, Round, notes};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{broadcast, oneshot};
use tokio::time::{Sleep, sleep, sleep_until};

/// A row of one thread, whatever is asked for.
pub const STATIC: &str = "static";

const BATCH: usize = 1000;
const FAR: Duration = Duration::from_secs(3600);
const SLOTS: u64 = 64;
const SILENCE: Duration = Duration::from_micros(500);
const WAKE_LIMIT: Duration = Duration::from_millis(600);

pub fn cells() -> Vec<Cell> {
    [
        ("pending", pending as fn(usize) -> Round),
        ("pending-recv", pending_recv),
        ("pending-sleep", pending_sleep),
        ("timer-arm", |w| timers(w, true)),
        ("timer-cancel", |w| timers(w, false)),
        ("timer-fire", timer_fire),
        ("await-ready", await_ready),
        ("await-suspend", await_suspend),
        (STATIC, one_thread),
        ("run-empty", run_empty),
        ("wake", |w| wake(w, false)),
        ("wake-tight", |w| wake(w, true)),
    ]
    .into_iter()
    .map(|(workload, open)| Cell { workload, runtime: "tokio", per_core: false, open })
    .collect()
}

/// A runtime with timers.
fn timed_runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_time().build().expect("runtime")
}

/// Bytes that malloc has given out, in all of its arenas. Where it cannot be asked, 0.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn in_use() -> u64 {
    #[repr(C)]
    struct Info {
        arena: usize,
        ordblks: usize,
        smblks: usize,
        hblks: usize,
        hblkhd: usize,
        usmblks: usize,
        fsmblks: usize,
        uordblks: usize,
        fordblks: usize,
        keepcost: usize,
    }
    unsafe extern "C" {
        fn mallinfo2() -> Info;
    }
    let info = unsafe { mallinfo2() };
    (info.uordblks + info.hblkhd) as u64
}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn in_use() -> u64 {
    0
}

/// How many tasks of a crowd were polled.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Spawns tasks by batches inside a task, and notes what they keep once all wait. It
/// returns their handles and how long that took.
fn crowd<F, T>(rt: &Runtime, units: u64, mut task: impl FnMut(u64) -> F + Send + 'static) -> (Vec<tokio::task::JoinHandle<T>>, Duration)
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    BEGUN.store(0, SeqCst);
    let mut handles = Vec::with_capacity(units as usize);
    let before = in_use();
    let began = Instant::now();
    let handles = rt.block_on(async move {
        tokio::spawn(async move {
            for n in 0..units {
                let wait = task(n);
                handles.push(tokio::spawn(async move {
                    BEGUN.fetch_add(1, SeqCst);
                    wait.await
                }));
                if n as usize % BATCH == BATCH - 1 {
                    tokio::task::yield_now().await;
                }
            }
            (handles, task) // what task has captured lives on: it was there before
        })
        .await
        .expect("no panic")
    });
    while BEGUN.load(SeqCst) < units {
        std::thread::yield_now();
    }
    let took = began.elapsed();
    // The last to begin may be on its way into its wait.
    std::thread::sleep(Duration::from_millis(2));
    if before > 0 {
        notes().set("beyond-bytes", (in_use().saturating_sub(before)) as f64 / units as f64);
    }
    (handles.0, took)
}

/// Counts how many of a crowd end as they should.
fn settle<T>(rt: &Runtime, handles: Vec<tokio::task::JoinHandle<T>>, right: impl Fn(Result<T, tokio::task::JoinError>) -> bool) -> u64 {
    rt.block_on(async move {
        let mut ended = 0;
        for h in handles {
            ended += u64::from(right(h.await));
        }
        ended
    })
}

fn checked(got: u64, want: u64, took: Duration) -> Result<(u64, Duration), String> {
    if got != want {
        return Err(format!("{got} of {want} tasks ended as they should"));
    }
    Ok((want, took))
}

fn pending(workers: usize) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let (mut there, mut here) = (Vec::with_capacity(units as usize), Vec::with_capacity(units as usize));
        for _ in 0..units {
            let (to, from) = oneshot::channel::<()>();
            there.push(to);
            here.push(Some(from));
        }
        let (handles, took) = crowd(&rt, units, move |n| here[n as usize].take().expect("once"));
        if handles.iter().any(|h| h.is_finished()) {
            return Err("a task did not wait".into());
        }
        for to in there {
            to.send(()).map_err(|()| "a task does not wait")?;
        }
        checked(settle(&rt, handles, |r| matches!(r, Ok(Ok(())))), units, took)
    })
}

/// The receivers of one channel; each gets its end.
fn pending_recv(workers: usize) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let (there, _) = broadcast::channel::<u64>(1);
        let to = there.clone();
        let (handles, took) = crowd(&rt, units, move |_| {
            let mut from = to.subscribe();
            async move { from.recv().await }
        });
        if handles.iter().any(|h| h.is_finished()) {
            return Err("a task did not wait".into());
        }
        drop(there); // that of the crowd is gone
        checked(settle(&rt, handles, |r| matches!(r, Ok(Err(_)))), units, took)
    })
}

fn pending_sleep(workers: usize) -> Round {
    let rt = timed_runtime(workers);
    Box::new(move |units| {
        let (handles, took) = crowd(&rt, units, |n| sleep(FAR + Duration::from_millis(n)));
        if handles.iter().any(|h| h.is_finished()) {
            return Err("a task did not wait".into());
        }
        handles.iter().for_each(|h| h.abort());
        checked(settle(&rt, handles, |r| r.is_err_and(|e| e.is_cancelled())), units, took)
    })
}

/// When each timer is due, as in package bench.
fn spans(units: u64) -> Vec<Duration> {
    let mut state = 0u64;
    (0..units)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            Duration::from_micros((z ^ z >> 31) % units)
        })
        .collect()
}

/// Polls each timer once, which starts it, and drops it. They lie in one slice: a task
/// has its timer in itself, and allocates none.
fn timers(workers: usize, arm: bool) -> Round {
    let rt = timed_runtime(workers);
    Box::new(move |units| {
        let all = spans(units);
        let mut sleeps: Vec<Sleep> = Vec::with_capacity(all.len());
        let task = async move {
            let began = Instant::now();
            let armed = poll_fn(|cx: &mut Context<'_>| {
                let mut armed = 0;
                for d in &all {
                    sleeps.push(sleep(FAR + *d));
                    let last = sleeps.last_mut().expect("it was pushed");
                    // Has room for all: none moves until it is dropped.
                    armed += u64::from(unsafe { Pin::new_unchecked(last) }.poll(cx).is_pending());
                }
                Poll::Ready(armed)
            })
            .await;
            let armed_in = began.elapsed();
            let began = Instant::now();
            drop(sleeps);
            (armed, armed_in, began.elapsed())
        };
        let (armed, armed_in, dropped_in) = rt.block_on(async { tokio::spawn(task).await.expect("no panic") });
        checked(armed, units, if arm { armed_in } else { dropped_in })
    })
}

fn timer_fire(workers: usize) -> Round {
    let rt = timed_runtime(workers);
    Box::new(move |units| {
        let all = spans(units);
        let late: Arc<Vec<AtomicU64>> = Arc::new((0..units).map(|_| AtomicU64::new(u64::MAX)).collect());
        let mut handles = Vec::with_capacity(all.len());
        let began = Instant::now();
        let begin = began + Duration::from_micros(units);
        for (i, d) in all.into_iter().enumerate() {
            let (due, late) = (begin + d, late.clone());
            handles.push(rt.spawn(async move {
                sleep_until(due.into()).await;
                if let Some(d) = Instant::now().checked_duration_since(due) {
                    late[i].store(d.as_nanos() as u64, SeqCst);
                }
            }));
        }
        let ended = settle(&rt, handles, |r| r.is_ok());
        let took = began.elapsed();
        for d in late.iter() {
            match d.load(SeqCst) {
                u64::MAX => return Err("a timer was early".into()),
                d => notes().latency(d),
            }
        }
        checked(ended, units, took)
    })
}

/// A future that can be awaited again and again: it is ready with the next number, at
/// once or after one poll that is not.
struct Ticket {
    suspends: bool,
    asked: bool,
    n: u64,
}

impl Future for Ticket {
    type Output = u64;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        if self.suspends {
            self.asked = !self.asked;
            if self.asked {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.n += 1;
        Poll::Ready(self.n)
    }
}

/// The ticket is behind a pointer that the compiler does not see through, as it is in
/// package bench.
fn await_tickets(workers: usize, suspends: bool) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        let got = rt.block_on(async move {
            tokio::spawn(async move {
                let mut ticket: Box<dyn Future<Output = u64> + Send + Unpin> =
                    std::hint::black_box(Box::new(Ticket { suspends, asked: false, n: 0 }));
                let mut got = 0;
                for n in 1..=units {
                    got += u64::from((&mut ticket).await == n);
                }
                got
            })
            .await
            .expect("no panic")
        });
        check(got, units, began)
    })
}

fn await_ready(workers: usize) -> Round {
    await_tickets(workers, false)
}
fn await_suspend(workers: usize) -> Round {
    await_tickets(workers, true)
}

/// Batches of tasks that yield once, on the thread that waits for them.
fn one_thread(_: usize) -> Round {
    let rt = Builder::new_current_thread().build().expect("runtime");
    Box::new(move |units| {
        let began = Instant::now();
        let ran = rt.block_on(async {
            let mut ran = 0;
            let mut handles = Vec::with_capacity(SLOTS as usize);
            for _ in 0..units / SLOTS {
                handles.extend((0..SLOTS).map(|_| {
                    tokio::spawn(async {
                        tokio::task::yield_now().await;
                        1u64
                    })
                }));
                for h in handles.drain(..) {
                    ran += h.await.expect("no panic");
                }
            }
            ran
        });
        check(ran, units / SLOTS * SLOTS, began)
    })
}

/// The calling thread runs the function itself.
fn run_empty(workers: usize) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let began = Instant::now();
        let mut ran = 0;
        for _ in 0..units {
            rt.block_on(async { ran += 1 });
        }
        check(ran, units, began)
    })
}

/// An ordinary thread spawns a task and waits for it.
fn wake(workers: usize, tight: bool) -> Round {
    let rt = runtime(workers);
    Box::new(move |units| {
        let (began, mut sum, mut done) = (Instant::now(), Duration::ZERO, 0);
        while done < units && began.elapsed() <= WAKE_LIMIT {
            if !tight {
                std::thread::sleep(SILENCE);
            }
            let n = done;
            let asked = Instant::now();
            let got = rt.block_on(rt.spawn(async move { n })).expect("no panic");
            let took = asked.elapsed();
            if got != n {
                return Err(format!("request {n} was answered with {got}"));
            }
            sum += took;
            done += 1;
            notes().latency(took.as_nanos() as u64);
        }
        Ok((done, sum))
    })
}
