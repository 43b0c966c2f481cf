// SPDX-License-Identifier: Apache-2.0

package soak_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// channel sends messages from some tasks to others; each is received once.
func channel(r *round, rng *rand.Rand) {
	ch := chans.MPMC[int](1 + rng.IntN(8))
	senders, receivers, each := 1+rng.IntN(3), 1+rng.IntN(3), 1+rng.IntN(50)
	did := make([]once, senders*each)
	all := sched.NewJoinSet[int](r.rt)
	for range receivers {
		all.Spawn(r.rt, &receiver{ch: ch, did: did})
	}
	var sending []future.Future[int]
	for s := range senders {
		var chain future.Future[int] = future.Ready(0)
		for i := range each {
			chain = future.Then(chain, func(int) future.Future[int] {
				return future.Map(ch.SendFuture(s*each+i), func(struct{}) int { return 0 })
			})
		}
		sending = append(sending, chain)
	}
	_, err := sched.Spawn(r.rt, future.JoinAll(sending...)).Wait(context.Background())
	ch.Close()
	got := 0
	for {
		h, nextErr := all.Next(context.Background())
		if nextErr != nil {
			break
		}
		n, waitErr := h.Wait(context.Background())
		got, err = got+n, errors.Join(err, waitErr)
	}
	if err != nil {
		r.check(r.excused(err), "channel: %v", err)
		return
	}
	r.check(got == len(did), "channel: %d messages of %d", got, len(did))
	for i := range did {
		r.check(did[i].n.Load() == 1, "channel: message %d received %d times", i, did[i].n.Load())
	}
}

// receiver takes messages until the channel is closed.
type receiver struct {
	ch   *chans.Chan[int]
	did  []once
	next future.Future[int]
	got  int
}

func (f *receiver) Poll(cx *sched.Context) pollOf[int] {
	for {
		if f.next == nil {
			f.next = f.ch.RecvFuture()
		}
		p := f.next.Poll(cx)
		if !p.Ready {
			return pollOf[int]{}
		}
		f.next = nil
		if p.Err != nil {
			return future.Of(f.got)
		}
		f.did[p.Value].do()
		f.got++
	}
}

func (f *receiver) Drop() {
	if f.next != nil {
		future.Drop(f.next)
	}
}

// lock guards a plain counter: the race detector sees a hole too.
func lock(r *round, rng *rand.Rand) {
	var (
		mu     locks.Mutex
		plain  int
		all    []sched.JoinHandle[int]
		did    = make([]once, 1+rng.IntN(10))
		aborts = rng.IntN(2) == 0
	)
	for i := range did {
		f := locks.With[int](&mu, future.Then(future.YieldNow(), func(struct{}) future.Future[int] {
			return future.Lazy(func() (int, error) { plain++; did[i].do(); return i, nil })
		}))
		all = append(all, sched.Spawn(r.rt, f))
	}
	if aborts {
		testkit.Dither(rng)
		all[rng.IntN(len(all))].Abort()
	}
	sum := 0
	for i, h := range all {
		ended(r, "lock", h, i, &did[i], aborts)
		sum += int(did[i].n.Load())
	}
	if err := mu.Lock(context.Background()); err != nil {
		r.fail("lock: %v", err)
		return
	}
	r.check(plain == sum, "lock: the counter is %d, and %d tasks were inside", plain, sum)
	mu.Unlock()
}

// timers sleeps, times out, and drops timers that are armed.
func timers(r *round, rng *rand.Rand) {
	d := time.Duration(rng.IntN(3000)) * time.Microsecond
	began := time.Now()
	slept := sched.Spawn(r.rt, timer.Sleep(d))
	late := sched.Spawn(r.rt, timer.Timeout(future.NewPromise[int]().Future(), d))
	long := make([]sched.JoinHandle[struct{}], rng.IntN(20))
	for i := range long {
		long[i] = sched.Spawn(r.rt, timer.Sleep(time.Hour))
	}
	if _, err := slept.Wait(context.Background()); err != nil {
		r.check(r.excused(err), "sleep: %v", err)
	} else {
		r.check(time.Since(began) >= d, "slept %v of %v", time.Since(began), d)
	}
	if _, err := late.Wait(context.Background()); !errors.Is(err, timer.ErrTimeout) {
		r.check(err != nil && r.excused(err), "timeout: %v", err)
	}
	for _, h := range long {
		h.Abort()
	}
	for _, h := range long {
		_, err := h.Wait(context.Background())
		r.check(errors.Is(err, sched.ErrCanceled) || r.excused(err), "an aborted sleep: %v", err)
	}
}

// scope outlives its tasks, also if one of them fails.
func scope(r *round, rng *rand.Rand) {
	var running point.Int32
	bad := errors.New("bad")
	fails := rng.IntN(3) == 0
	n := 1 + rng.IntN(6)
	err := sched.Scope(context.Background(), r.rt, func(s *sched.TaskScope) error {
		for i := range n {
			s.Go(func(cx *sched.Context) error {
				running.Inc()
				defer running.Dec()
				if fails && i == 0 {
					return bad
				}
				_, err := sched.Await(cx, future.YieldNow())
				return err
			})
		}
		return nil
	})
	r.check(running.Load() == 0, "scope: %d tasks run on", running.Load())
	r.check(err == nil && !fails || fails && errors.Is(err, bad) || err != nil && r.excused(err), "scope: %v", err)
}

// joinSet takes tasks out as they end, or aborts all.
func joinSet(r *round, rng *rand.Rand) {
	set := sched.NewJoinSet[int](r.rt)
	did := make([]once, 1+rng.IntN(20))
	for i := range did {
		set.Go(r.rt, func(*sched.Context) (int, error) { did[i].do(); return i, nil })
	}
	aborts := rng.IntN(4) == 0
	if aborts {
		set.AbortAll()
	}
	seen := make([]bool, len(did))
	left := len(did)
	for ; ; left-- {
		h, err := set.Next(context.Background())
		if errors.Is(err, sched.ErrEmpty) {
			break
		}
		v, err := h.Wait(context.Background())
		if err != nil {
			r.check(aborts && errors.Is(err, sched.ErrCanceled) || r.excused(err), "set: %v", err)
			continue
		}
		r.check(!seen[v] && did[v].n.Load() == 1, "set: task %d twice", v)
		seen[v] = true
	}
	r.check(left == 0, "set: %d tasks did not come out", left)
}

// group keeps its limit.
func group(r *round, rng *rand.Rand) {
	limit, n := 1+rng.IntN(3), 1+rng.IntN(10)
	g, ctx := r.rt.WithContext(context.Background())
	g.SetLimit(limit)
	var active, ran point.Int32
	for range n {
		g.Go(func() error {
			r.check(int(active.Inc()) <= limit, "group: above the limit")
			ran.Inc()
			active.Dec()
			return ctx.Err()
		})
	}
	err := g.Wait()
	r.check(err == nil && int(ran.Load()) == n || err != nil && r.excused(err), "group: %v, %d of %d ran", err, ran.Load(), n)
}

// guest runs in the place of a worker, and spawns there.
func guest(r *round, rng *rand.Rand) {
	var did once
	var h sched.JoinHandle[int]
	err := r.rt.Run(context.Background(), func(cx *sched.Context) error {
		h = sched.Go(cx, func(*sched.Context) (int, error) { did.do(); return 3, nil })
		if rng.IntN(2) == 0 {
			_, err := sched.Await(cx, h)
			return err
		}
		return nil
	})
	if err != nil {
		r.check(r.excused(err), "guest: %v", err)
		return
	}
	ended(r, "guest", h, 3, &did, false)
}

// detached polls a task on the goroutine that waits for it.
func detached(r *round, rng *rand.Rand) {
	var did once
	h := sched.GoWith(r.rt, func(cx *sched.Context) (int, error) {
		did.do()
		_, err := sched.Await(cx, future.YieldNow())
		return 5, err
	}, sched.Anywhere())
	abort := rng.IntN(5) == 0
	if abort {
		h.Abort()
	}
	ended(r, "detached", h, 5, &did, abort)
	v, err := sched.BlockOn(context.Background(), r.rt, timer.Timeout(future.Ready(9), time.Hour))
	r.check(err == nil && v == 9 || err != nil && r.excused(err), "BlockOn: %d, %v", v, err)
}
