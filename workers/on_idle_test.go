// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// eachBed runs a test with workers that sleep in the kernel, and in channels.
func eachBed(t *testing.T, test func(t *testing.T, opts ...Option)) {
	t.Run("kernel", func(t *testing.T) { test(t) })
	t.Run("channel", func(t *testing.T) { test(t, PortableParking()) })
}

// TestOnIdle: a job that the hook finds is run, and the worker asks again afterwards.
func TestOnIdle(t *testing.T) {
	var left, ran point.Int32
	left.Store(3)
	p := newPool(t, 1, OnIdle(func(w *Worker) (bool, time.Duration) {
		if left.Load() == 0 {
			return false, 0
		}
		left.Dec()
		w.Push(do(func(*Worker) { ran.Inc() }))
		return true, 0
	}))
	done := make(chan struct{})
	p.Submit(do(func(*Worker) { close(done) }))
	testkit.Receive(t, done, "the job ends")
	testkit.Eventually(t, "all jobs ran and the worker sleeps", func() bool { return ran.Load() == 3 && p.allParked() })
}

// TestOnIdleAgain: nobody wakes the worker, and yet it asks again when it said, not
// before, until it is told to sleep for good.
func TestOnIdleAgain(t *testing.T) {
	eachBed(t, func(t *testing.T, opts ...Option) {
		const again = 2 * time.Millisecond
		var asked, ran point.Int32
		var last time.Time
		p := newPool(t, 1, append(opts, OnIdle(func(w *Worker) (bool, time.Duration) {
			n := asked.Inc()
			if took := time.Since(last); n > 1 && n <= 5 && took < again {
				t.Errorf("asked again after %v", took)
			}
			last = time.Now()
			switch {
			case n < 5:
				return false, again
			case n == 5:
				w.Push(do(func(*Worker) { ran.Inc() }))
				return true, 0
			}
			return false, 0
		}))...)
		testkit.Eventually(t, "the job of the fifth time ran", func() bool { return ran.Load() == 1 && p.allParked() })
		yields()
		if n := asked.Load(); n != 6 {
			t.Errorf("asked %d times, want 6", n)
		}
	})
}

// TestOnIdleInsideWait: a worker that waits inside a job is asked too.
func TestOnIdleInsideWait(t *testing.T) {
	eachBed(t, func(t *testing.T, opts ...Option) {
		var hold point.Pointer[Hold]
		var slept point.Bool
		p := newPool(t, 1, append(opts, OnIdle(func(w *Worker) (bool, time.Duration) {
			h := hold.Load()
			switch {
			case h == nil:
				return false, 0
			case !slept.Swap(true):
				return false, time.Millisecond
			}
			hold.Store(nil)
			w.Push(do(func(*Worker) { h.End() }))
			return true, 0
		}))...)
		done := make(chan struct{})
		p.Submit(do(func(w *Worker) {
			h := w.NewHold()
			hold.Store(h)
			w.Help(h)
			close(done)
		}))
		testkit.Receive(t, done, "the wait is ended by what the hook pushed")
	})
}

// TestStressTimedSleep: guests take the places of workers whose sleep is over at any
// moment, jobs are submitted, the size changes, and the pool is closed. All jobs run.
func TestStressTimedSleep(t *testing.T) {
	eachBed(t, func(t *testing.T, opts ...Option) {
		testkit.Stress(t, 200*time.Millisecond, func(rng *rand.Rand) {
			p, err := New(append(opts, Count(1+rng.IntN(3)), OnIdle(func(*Worker) (bool, time.Duration) {
				return false, 20 * time.Microsecond
			}))...)
			if err != nil {
				t.Fatal(err)
			}
			var ran point.Int32
			n := 1 + rng.IntN(200)
			for range n {
				switch w, ok := (*Worker)(nil), false; rng.IntN(4) {
				case 0:
					if w, ok = p.Enter(); ok {
						w.Push(do(func(*Worker) { ran.Inc() }))
						for rng.IntN(2) == 0 && w.RunOne() {
						}
						w.Leave()
						continue
					}
					fallthrough
				default:
					p.Submit(do(func(*Worker) { ran.Inc() }))
				case 1:
					if err := p.Resize(1 + rng.IntN(3)); err != nil {
						t.Fatal(err)
					}
					p.Submit(do(func(*Worker) { ran.Inc() }))
				}
				if rng.IntN(8) == 0 {
					yields()
				}
			}
			p.Close()
			if got := ran.Load(); got != int32(n) {
				t.Errorf("%d jobs ran, want %d", got, n)
			}
		})
	})
}
