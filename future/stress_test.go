// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

// One of several resolvers wins, and the task that waits gets what that one wrote,
// whole. A lost wake hangs the test.
func TestStressPromise(t *testing.T) {
	type outcome struct{ a, b int } // two words: half an outcome would show
	testkit.Stress(t, 400*time.Millisecond, func(rng *rand.Rand) {
		for round := range 100 {
			var (
				p    = NewPromise[outcome]()
				won  point.Int64
				who  point.Int64
				wg   sync.WaitGroup
				got  Poll[outcome]
				here point.Int64
				late = rng.IntN(2) == 0
			)
			for id := 1; id <= 2; id++ {
				rng := testkit.Split(rng)
				wg.Go(func() {
					meet(&here, 3)
					if round%2 == 0 { // else head to head
						testkit.Dither(rng)
					}
					var ok bool
					if rng.IntN(2) == 0 {
						ok = p.Resolve(outcome{id, -id})
					} else {
						ok = p.ResolveIn(nil, outcome{id, -id})
					}
					if ok {
						won.Inc()
						who.Store(int64(id))
					}
				})
			}
			reader := testkit.Split(rng)
			wg.Go(func() {
				meet(&here, 3)
				if late {
					testkit.Dither(reader)
				}
				got = await(p.Future())
			})
			testkit.WaitAll(t, &wg, nil)
			id := int(who.Load())
			if won.Load() != 1 || got != Of(outcome{id, -id}) {
				t.Fatalf("round %d: %d winners, got %+v, want from %d", round, won.Load(), got, id)
			}
		}
	})
}

// A promise without a value is settled once, also against a rejection and a drop. A lost
// wake hangs the test.
func TestStressPromiseEmpty(t *testing.T) {
	testkit.Stress(t, 400*time.Millisecond, func(rng *rand.Rand) {
		for range 100 {
			var (
				p, k  = NewPromise[struct{}](), new(task)
				f     = p.Future()
				won   point.Int64
				wg    sync.WaitGroup
				got   Poll[struct{}]
				here  point.Int64
				drops = rng.IntN(4) == 0
			)
			settle := []func() bool{
				func() bool { return p.Resolve(struct{}{}) },
				func() bool { return p.ResolveIn(nil, struct{}{}) },
				func() bool { return p.Reject(errTest) },
			}
			for _, one := range settle {
				rng := testkit.Split(rng)
				wg.Go(func() {
					meet(&here, 4)
					testkit.Dither(rng)
					if one() {
						won.Inc()
					}
				})
			}
			reader := testkit.Split(rng)
			wg.Go(func() {
				meet(&here, 4)
				testkit.Dither(reader)
				if drops {
					f.Poll(k.cx())
					Drop(f)
					return
				}
				got = await(f)
			})
			testkit.WaitAll(t, &wg, nil)
			switch {
			case !drops && (won.Load() != 1 || !got.Ready || got.Err != nil && got.Err != errTest):
				t.Fatalf("%d settled it, got %+v", won.Load(), got)
			case won.Load() > 1 || k.alive.Load() != 0:
				t.Fatalf("%d settled it, %d wakers left", won.Load(), k.alive.Load())
			}
		}
	})
}

// meet returns when n goroutines have called it.
func meet(here *point.Int64, n int64) {
	here.Inc()
	for spins := 0; here.Load() < n; spins++ {
		if spins%1000 == 999 {
			runtime.Gosched() // perhaps there is one P only
		}
	}
}

// Resolve reports whether the value was wanted, also when the future is dropped at
// the same moment; afterwards no waker is kept.
func TestStressPromiseDrop(t *testing.T) {
	testkit.Stress(t, 400*time.Millisecond, func(rng *rand.Rand) {
		for range 100 {
			var (
				p, k     = NewPromise[int](), new(task)
				f        = p.Future()
				wg       sync.WaitGroup
				here     point.Int64
				resolved bool
				ready    bool
			)
			a, b := testkit.Split(rng), testkit.Split(rng)
			wg.Go(func() {
				meet(&here, 2)
				testkit.Dither(a)
				resolved = p.Resolve(1)
			})
			wg.Go(func() {
				meet(&here, 2)
				for range b.IntN(3) {
					if ready = f.Poll(k.cx()).Ready; ready {
						return
					}
					testkit.Dither(b)
				}
				Drop(f)
			})
			testkit.WaitAll(t, &wg, nil)
			if ready && !resolved {
				t.Fatal("ready with a value that was refused")
			}
			if !p.Settled() || k.alive.Load() != 0 {
				t.Fatalf("settled %v, %d wakers left", p.Settled(), k.alive.Load())
			}
		}
	})
}

// Many goroutines resolve the children of one task.
func TestStressJoinAll(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for _, n := range []int{3, few, few + 1, 500} {
			var (
				promises = make([]*Promise[int], n)
				fs       = make([]Future[int], n)
				wg       sync.WaitGroup
				got      Poll[[]int]
			)
			for i := range fs {
				promises[i] = NewPromise[int]()
				fs[i] = promises[i].Future()
			}
			order := rng.Perm(n)
			const resolvers = 3
			for r := range resolvers {
				rng := testkit.Split(rng)
				wg.Go(func() {
					for i := r; i < n; i += resolvers {
						promises[order[i]].Resolve(order[i])
						testkit.Dither(rng)
					}
				})
			}
			wg.Go(func() { got = await(JoinAll(fs...)) })
			testkit.WaitAll(t, &wg, nil)
			for i, v := range got.Value {
				if v != i {
					t.Fatalf("value %d is %d", i, v)
				}
			}
			if len(got.Value) != n {
				t.Fatalf("%d values, want %d", len(got.Value), n)
			}
		}
	})
}

// A race of many promises is won by one that was resolved, and the others learn
// that nobody wants them.
func TestStressRace(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for range 100 {
			const n = 30
			var (
				promises = make([]*Promise[int], n)
				fs       = make([]Future[int], n)
				accepted [n]bool
				wg       sync.WaitGroup
				got      Poll[int]
			)
			for i := range fs {
				promises[i] = NewPromise[int]()
				fs[i] = promises[i].Future()
			}
			for r := range 2 {
				rng := testkit.Split(rng)
				wg.Go(func() {
					for i := r; i < n; i += 2 {
						testkit.Dither(rng)
						accepted[i] = promises[i].Resolve(i)
					}
				})
			}
			wg.Go(func() { got = await(Race(fs...)) })
			testkit.WaitAll(t, &wg, nil)
			if !accepted[got.Value] {
				t.Fatalf("won by %d, which was refused", got.Value)
			}
			for i, p := range promises {
				if !p.Settled() {
					t.Fatalf("promise %d is open", i)
				}
			}
		}
	})
}

// The members' wakes from many goroutines, at every moment of a poll: each change
// that is followed by a wake is seen by a poll of that child.
func TestStressReadySet(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		const n, wakers, each = 16, 3, 4000
		var (
			changes [n]point.Int64
			seen    [n]int64
			total   point.Int64
			known   [n]waker.Waker
			ready   = make(chan struct{})
			wg      sync.WaitGroup
			b       = newBell()
			cx      = bellContext(b)
			sum     int64
		)
		s := newReadySet(n)
		pollAll := func(rng *rand.Rand) {
			s.begin(cx)
			for m := s.next(cx); m != nil; m = s.next(cx) {
				child := s.enter(cx, m)
				if known[m.index].IsZero() {
					known[m.index] = child.Waker()
				}
				now := changes[m.index].Load()
				sum += now - seen[m.index]
				seen[m.index] = now
				testkit.Dither(rng)
				s.leave(cx, m, false)
			}
			s.finish(cx)
		}
		pollAll(rng)
		close(ready)
		for range wakers {
			rng := testkit.Split(rng)
			wg.Go(func() {
				<-ready
				for range each {
					i := rng.IntN(n)
					changes[i].Inc()
					known[i].WakeByRef()
					total.Inc()
					testkit.Dither(rng)
				}
			})
		}
		poller := testkit.Split(rng)
		wg.Go(func() {
			for sum < wakers*each {
				<-b // hangs if the wake of an unseen change is lost
				pollAll(poller)
			}
		})
		testkit.WaitAll(t, &wg, nil)
		s.close()
	})
}

// Contexts end, channels get values and futures are dropped, all at once.
func TestStressAdapters(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for range 300 {
			var (
				ctx, cancel = context.WithCancel(context.Background())
				ch          = make(chan int)
				f           = WithContext(ctx, FromChan(ch))
				wg          sync.WaitGroup
				got         Poll[int]
			)
			a, b := testkit.Split(rng), testkit.Split(rng)
			wg.Go(func() { testkit.Dither(a); cancel() })
			wg.Go(func() {
				testkit.Dither(b)
				select {
				case ch <- 5:
				case <-ctx.Done():
				}
			})
			wg.Go(func() { got = await(f) })
			testkit.WaitAll(t, &wg, nil)
			if got != Of(5) && got != Fail[int](context.Canceled) {
				t.Fatalf("got %+v", got)
			}
		}
	})
}
