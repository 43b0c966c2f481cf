// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func eachLock(t *testing.T, f func(t *testing.T, lock bool)) {
	for _, lock := range []bool{true, false} {
		t.Run(fmt.Sprintf("locked=%v", lock), func(t *testing.T) { f(t, lock) })
	}
}

// runs submits a job and waits until f has returned.
func runs(t *testing.T, p *Pool, f func(w *Worker)) {
	t.Helper()
	done := make(chan bool)
	p.Submit(&Job{Runner: Func(func(w *Worker) { f(w); go close2(done) })})
	testkit.Receive(t, done, "a job")
}

// While a job blocks, the only place runs the others: those that lie in its queue and
// those that come.
func TestBlockLendsThePlace(t *testing.T) {
	eachLock(t, func(t *testing.T, lock bool) {
		p, err := New(Count(1), LockThreads(lock))
		require.NoError(t, err)
		defer p.Close()
		for range 20 {
			runs(t, p, func(w *Worker) {
				mine := self.Goroutine()
				left, came := make(chan uintptr, 1), make(chan bool)
				w.Push(&Job{Runner: Func(func(*Worker) { left <- self.Goroutine() })})
				w.Block(func() {
					require.NotEqual(t, mine, testkit.Receive(t, left, "a job in the queue"))
					p.Submit(&Job{Runner: Func(func(*Worker) { close(came) })})
					testkit.Receive(t, came, "a job from outside")
				})
				require.True(t, w.Guest())
				require.Equal(t, mine, self.Goroutine())
				require.Same(t, w, p.Current())
			})
		}
		require.EqualValues(t, 1, p.live.Load())
	})
}

// A job may block again and again, fork in between, and wait in Help.
func TestBlockAgain(t *testing.T) {
	eachLock(t, func(t *testing.T, lock bool) {
		p, err := New(Count(1), LockThreads(lock))
		require.NoError(t, err)
		defer p.Close()
		runs(t, p, func(w *Worker) {
			for range 5 {
				a, b := Join(w, func(w *Worker, n int) int {
					w.Block(func() {
						done := make(chan bool)
						p.Submit(&Job{Runner: Func(func(*Worker) { close(done) })})
						testkit.Receive(t, done, "another job")
					})
					return n
				}, 1, func(_ *Worker, n int) int { return n }, 2)
				require.Equal(t, 3, a+b)
				h := w.NewHold()
				w.Push(&Job{Runner: Func(func(*Worker) { h.End() })})
				w.Help(h)
			}
		})
	})
}

// Threads that run jobs never exceed the number of workers.
func TestBlockKeepsTheNumber(t *testing.T) {
	const n = 2
	p, err := New(Count(n))
	require.NoError(t, err)
	defer p.Close()
	var busy, most point.Int32
	work := func(f func()) {
		if now := busy.Inc(); now > most.Load() {
			most.Store(now)
		}
		f()
		busy.Dec()
	}
	testkit.Stress(t, 100*time.Millisecond, func(rng *rand.Rand) {
		var wg sync.WaitGroup
		for range 30 {
			seed := testkit.Split(rng)
			wg.Add(1)
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				defer wg.Done()
				work(func() { testkit.Dither(seed) })
				w.Block(func() { runtime.Gosched() })
				work(func() { testkit.Dither(seed) })
			})})
		}
		testkit.WaitAll(t, &wg, nil)
	})
	require.LessOrEqual(t, most.Load(), int32(n))
}

// crashJob runs a function and tells how it crashed.
type crashJob struct {
	f       func(w *Worker)
	crashed chan Crash
}

func (j crashJob) RunJob(w *Worker) { j.f(w) }

func (j crashJob) JobCrashed(_ *Worker, c Crash) { j.crashed <- c }

func TestBlockCrashes(t *testing.T) {
	eachLock(t, func(t *testing.T, lock bool) {
		p, err := New(Count(1), LockThreads(lock))
		require.NoError(t, err)
		defer p.Close()
		for _, kept := range []int{0, 1} {
			for range maxNested + 2 {
				crashed := make(chan Crash, 1)
				run := func(f func()) Crash {
					p.Submit(&Job{Runner: crashJob{func(w *Worker) {
						w.Keep(kept)
						defer w.Keep(-kept)
						w.Block(f)
					}, crashed}})
					return testkit.Receive(t, crashed, "the crash")
				}
				require.Equal(t, "boom", run(func() { panic("boom") }).Value)
				require.True(t, run(runtime.Goexit).Goexit)
			}
		}
		ran := false
		runs(t, p, func(*Worker) { ran = true })
		require.True(t, ran)
	})
}

// Where something is kept, the goroutine stays the worker, and others run on top.
func TestBlockWhereSomethingIsKept(t *testing.T) {
	p, err := New(Count(1))
	require.NoError(t, err)
	defer p.Close()
	runs(t, p, func(w *Worker) {
		w.Keep(1)
		defer w.Keep(-1)
		mine, other := self.Goroutine(), make(chan uintptr, 1)
		w.Block(func() {
			w.Post(&Job{Runner: Func(func(*Worker) { other <- self.Goroutine() })})
			require.Equal(t, mine, testkit.Receive(t, other, "a job"))
		})
		require.False(t, w.Guest())
	})
}

func TestGuestBlocks(t *testing.T) {
	p, err := New(Count(1))
	require.NoError(t, err)
	defer p.Close()
	w := enter(t, p)
	w.Block(func() { runs(t, p, func(*Worker) {}) })
	require.True(t, w.Guest())
	w.Leave()
}

// Close and Resize come while jobs block.
func TestBlockDuringCloseAndResize(t *testing.T) {
	for range 20 {
		p, err := New(Count(2))
		require.NoError(t, err)
		var ran sync.WaitGroup
		go3 := make(chan bool)
		for range 4 {
			ran.Add(1)
			p.Submit(&Job{Runner: Func(func(w *Worker) {
				w.Block(func() { <-go3 })
				w.Push(&Job{Runner: Func(func(*Worker) { ran.Done() })})
			})})
		}
		require.NoError(t, p.Resize(1))
		closed := testkit.Background(t, p.Close)
		close(go3)
		testkit.WaitAll(t, &ran, nil)
		closed()
	}
}

func BenchmarkBlock(b *testing.B) {
	for _, lock := range []bool{true, false} {
		b.Run(fmt.Sprintf("locked=%v", lock), func(b *testing.B) {
			p, err := New(Count(1), LockThreads(lock))
			require.NoError(b, err)
			defer p.Close()
			done := make(chan bool)
			n := b.N
			j := &Job{}
			j.Runner = Func(func(w *Worker) {
				w.Block(func() {})
				if n--; n <= 0 {
					go close2(done)
					return
				}
				w.Push(j)
			})
			p.Submit(j)
			<-done
		})
	}
}
