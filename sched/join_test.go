// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// waiters spawns a task in each of many halves, and waits for it there, with forks
// open around it. It returns what the tasks return in all.
func waiters(w *workers.Worker) (int, error) {
	const n = 60
	var got [n]int
	var failed [n]error
	workers.JoinN(w, n, func(w *workers.Worker, i int) {
		h := sched.Go(w, func(cx *sched.Context) (int, error) {
			return sched.Call(context.Background(), cx, func(w *workers.Worker) (int, error) { return sum(w, i%5), nil })
		})
		got[i], failed[i] = h.Wait(context.Background())
		got[i] += sum(w, 1)
	})
	total := 0
	for _, v := range got {
		total += v
	}
	return total, errors.Join(failed[:]...)
}

const waitersSum = 12*(1+2+4+8+16) + 60*2

func TestSpawnAndWaitInHalves(t *testing.T) {
	ctx := context.Background()
	for _, n := range []int{1, 2, 3} {
		rt := newRuntime(t, n)
		for range 10 {
			outside, err := sched.Call(ctx, rt, waiters)
			if outside != waitersSum || err != nil {
				t.Errorf("from outside: %d, %v", outside, err)
			}
			h := sched.Go(rt, func(cx *sched.Context) (int, error) { return sched.Call(ctx, cx, waiters) })
			if inside, err := h.Wait(ctx); inside != waitersSum || err != nil {
				t.Errorf("in a task: %d, %v", inside, err)
			}
		}
	}
}

// A forking future forks in each of its polls.
type forking struct{ polls, sum int }

func (f *forking) Poll(cx *sched.Context) future.Poll[int] {
	n, err := sched.Call(context.Background(), cx, func(w *workers.Worker) (int, error) { return sum(w, 6), nil })
	f.sum += n
	if f.polls++; f.polls < 5 {
		cx.Waker().WakeByRef()
		return future.Wait[int]()
	}
	return future.Poll[int]{Value: f.sum, Err: err, Ready: true}
}

func TestJoinInsidePoll(t *testing.T) {
	rt := newRuntime(t, 2)
	handles := []sched.JoinHandle[int]{}
	for range 50 {
		handles = append(handles, sched.Spawn[int](rt, new(forking)))
	}
	for _, h := range handles {
		if n, err := h.Wait(context.Background()); n != 5*64 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
}

// A panic in a half that another worker runs comes to whoever waits for the task,
// with the value that it had.
func TestPanicInStolenHalf(t *testing.T) {
	rt := newRuntime(t, 2)
	boom := errors.New("boom")
	_, err := sched.Call(context.Background(), rt, func(w *workers.Worker) (int, error) {
		begun := make(chan struct{})
		workers.JoinFunc(w,
			func(*workers.Worker) int { <-begun; return 0 },
			func(*workers.Worker) int { close(begun); panic(boom) })
		return 0, nil
	})
	var p *sched.PanicError
	if !errors.As(err, &p) || p.Value != boom {
		t.Errorf("got %v", err)
	}
}

// Shutdown comes while a half is stolen: the task ends as it would have.
func TestShutdownWithForksOpen(t *testing.T) {
	rt := newRuntime(t, 2)
	begun, end := make(chan struct{}), make(chan struct{})
	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		return sched.Call(context.Background(), cx, func(w *workers.Worker) (int, error) {
			a, b := workers.JoinFunc(w,
				func(w *workers.Worker) int { <-begun; return sum(w, 5) },
				func(w *workers.Worker) int { close(begun); <-end; return sum(w, 5) })
			return a + b, nil
		})
	})
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	down := make(chan error, 1)
	go func() { down <- rt.Shutdown(ctx) }()
	for range 1000 {
		runtime.Gosched()
	}
	close(end)
	<-down
	if n, err := h.Wait(context.Background()); (n != 64 || err != nil) && !errors.Is(err, sched.ErrCanceled) {
		t.Errorf("%d, %v", n, err)
	}
}

// A guest's join lets its place's worker go on with a task that waits inside; the
// worker polls others then. The guest finds its own context as it was.
func TestJoinStepsAsideWithItsContext(t *testing.T) {
	rt := newRuntime(t, 2)
	ctx := context.Background()
	for range 20 {
		for busy := errors.New("all workers are awake"); ; runtime.Gosched() {
			err := rt.Run(ctx, func(cx *sched.Context) error {
				_, err := sched.Call(ctx, cx, func(w *workers.Worker) (int, error) {
					if !w.Guest() {
						return 0, busy
					}
					for range 5 {
						cx.Spend()
					}
					want := cx.Budget()
					joinAside(t, rt, w, cx)
					if got := cx.Budget(); got != want {
						t.Errorf("a budget of %d, want %d", got, want)
					}
					return 0, nil
				})
				return err
			})
			if err == nil {
				break
			}
			if !errors.Is(err, busy) {
				t.Fatal(err)
			}
		}
	}
}

// joinAside joins a half that the other worker runs, which waits for a task of the
// caller's own place.
func joinAside(t *testing.T, rt *sched.Runtime, w *workers.Worker, cx *sched.Context) {
	ctx := context.Background()
	taken, waits := make(chan struct{}), make(chan struct{})
	away, inside, ran := future.NewPromise[int](), future.NewPromise[int](), future.NewPromise[int]()
	go func() {
		<-taken
		h := sched.Go(rt, func(cx *sched.Context) (int, error) {
			close(waits)
			return sched.Await(cx, inside.Future())
		})
		<-waits
		away.Resolve(1)
		for range 100 {
			runtime.Gosched() // so that the guest is back, mostly
		}
		other := sched.Go(rt, func(*sched.Context) (int, error) { return 3, nil })
		inside.Resolve(2)
		for _, h := range []sched.JoinHandle[int]{h, other} {
			if _, err := h.Wait(ctx); err != nil {
				t.Error(err)
			}
		}
		ran.Resolve(4)
	}()
	n, m := workers.JoinFunc(w,
		func(w *workers.Worker) int {
			for { // until the other half is on offer, and taken
				sum(w, 1)
				select {
				case <-taken:
				default:
					continue
				}
				n, err := sched.Await(cx, away.Future())
				if err != nil {
					t.Error(err)
				}
				return n
			}
		},
		func(*workers.Worker) int {
			close(taken)
			<-waits // so that the task is run in the guest's place
			m, err := sched.BlockOn(ctx, rt, ran.Future())
			if err != nil {
				t.Error(err)
			}
			return m
		})
	if n != 1 || m != 4 {
		t.Error(n, m)
	}
}
