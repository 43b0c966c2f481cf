// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A posted job runs on the goroutine of its worker, which sleeps, while others work.
func TestPostWakes(t *testing.T) {
	p, err := New(Count(3))
	require.NoError(t, err)
	defer p.Close()
	for _, w := range p.Places() {
		var first uintptr
		for range 20 {
			ran := make(chan uintptr)
			w.Post(&Job{Runner: Func(func(at *Worker) {
				if at != w {
					t.Errorf("worker %d ran a job of worker %d", at.Index(), w.Index())
				}
				go func(g uintptr) { ran <- g }(self.Goroutine())
			})})
			g := testkit.Receive(t, ran, "a posted job")
			if first == 0 {
				first = g
			}
			require.Equal(t, first, g)
		}
	}
}

// While a guest sits in the place, a posted job waits, and runs when the guest left.
func TestPostWaitsForGuest(t *testing.T) {
	t.Run("plain", func(t *testing.T) { testPostWaitsForGuest(t) })
	t.Run("levels", func(t *testing.T) { testPostWaitsForGuest(t, Levels(64)) })
}

func testPostWaitsForGuest(t *testing.T, opts ...Option) {
	p, err := New(append(opts, Count(1))...)
	require.NoError(t, err)
	defer p.Close()
	w := enter(t, p)
	ran := make(chan bool, 1)
	me := self.Goroutine()
	w.Post(&Job{Runner: Func(func(*Worker) { ran <- self.Goroutine() != me })})
	w.Push(&Job{Runner: Func(func(*Worker) {})})
	require.True(t, w.RunOne())
	require.False(t, w.RunOne(), "the guest runs a posted job")
	require.False(t, p.Empty())
	require.Empty(t, ran)
	w.Leave()
	require.True(t, testkit.Receive(t, ran, "the posted job"))
}

// Jobs of the worker alone and others take turns: neither starves the other.
func TestOwnedJobsTakeTurns(t *testing.T) {
	p, err := New(Count(1))
	require.NoError(t, err)
	defer p.Close()
	done := make(chan []byte, 1)
	p.Submit(&Job{Runner: Func(func(w *Worker) {
		var order []byte
		for _, owned := range []bool{true, true, true, true, false, false} {
			name := byte('q')
			if owned {
				name = 'o'
			}
			j := &Job{Runner: Func(func(*Worker) {
				if order = append(order, name); len(order) == 6 {
					done <- order
				}
			})}
			if owned {
				w.PostOwn(j)
			} else {
				w.Push(j)
			}
		}
	})})
	require.Equal(t, "oqoqoo", string(testkit.Receive(t, done, "all jobs")))
}

// A worker that is kept goes on after Resize, and ends when it is not kept any more.
func TestKeptWorkerDoesNotRetire(t *testing.T) {
	p, err := New(Count(2))
	require.NoError(t, err)
	defer p.Close()
	last := p.Places()[1]
	post := func(f func()) {
		ran := make(chan bool)
		last.Post(&Job{Runner: Func(func(*Worker) { f(); go close2(ran) })})
		testkit.Receive(t, ran, "a posted job")
	}
	post(func() { last.Keep(1) })
	require.NoError(t, p.Resize(1))
	for range 100 {
		post(func() {})
	}
	require.EqualValues(t, 2, p.live.Load())
	post(func() { last.Keep(-1) })
	testkit.Eventually(t, "the worker ends", func() bool { return p.live.Load() == 1 })
	require.NoError(t, p.Resize(2))
	post(func() {})
}

func close2(ch chan bool) { close(ch) }

// A worker that is kept is not succeeded by another goroutine, however many of its
// jobs call Goexit.
func TestKeptWorkerSurvivesGoexit(t *testing.T) {
	p, err := New(Count(1))
	require.NoError(t, err)
	defer p.Close()
	w := p.Places()[0]
	var first uintptr
	ran := make(chan uintptr)
	post := func(f func()) uintptr {
		w.Post(&Job{Runner: Func(func(*Worker) {
			defer func(g uintptr) { go func() { ran <- g }() }(self.Goroutine())
			f()
		})})
		return testkit.Receive(t, ran, "a posted job")
	}
	first = post(func() { w.Keep(1) })
	for range 5 * maxNested {
		require.Equal(t, first, post(runtime.Goexit))
	}
	post(func() { w.Keep(-1) })
}

// Every posted job runs exactly once, at its worker, while others push, guests come
// and go, and the workers park all the time.
func TestStressPost(t *testing.T) {
	p, err := New(Count(2))
	require.NoError(t, err)
	defer p.Close()
	testkit.Stress(t, 200*time.Millisecond, func(rng *rand.Rand) {
		const posters, each = 3, 50
		var wg, ran sync.WaitGroup
		ran.Add(posters * each)
		for range posters {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range each {
					w := p.Places()[rng.IntN(2)]
					w.Post(&Job{Runner: Func(func(at *Worker) {
						if at != w || at.Guest() {
							t.Errorf("a job of worker %d ran elsewhere", w.Index())
						}
						ran.Done()
					})})
					testkit.Dither(rng)
				}
			})
		}
		guests := testkit.Split(rng)
		wg.Go(func() {
			for range each {
				if w, ok := p.Enter(); ok {
					testkit.Dither(guests)
					w.Push(&Job{Runner: Func(func(*Worker) {})})
					w.RunOne()
					w.Leave()
				}
				testkit.Dither(guests)
			}
		})
		wg.Wait()
		testkit.WaitAll(t, &ran, nil)
	})
}

func BenchmarkPostOwn(b *testing.B) {
	p, err := New(Count(1))
	require.NoError(b, err)
	defer p.Close()
	done := make(chan bool)
	n := b.N
	j := &Job{}
	j.Runner = Func(func(w *Worker) {
		if n--; n <= 0 {
			go close2(done)
			return
		}
		w.PostOwn(j)
	})
	b.ResetTimer()
	p.Submit(j)
	<-done
}
