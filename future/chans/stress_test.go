// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// A producer sends the numbers from next to end.
type producer struct {
	c         *chans.Chan[int]
	next, end int
	entry     waker.Entry
	permits   bool // reserve first
}

func (p *producer) Poll(cx *future.Context) future.Poll[none] {
	for p.next < p.end {
		if p.permits && p.next%2 == 0 {
			if permit, err := p.c.TryReserve(); err == nil {
				if p.next%4 == 0 {
					permit.Drop()
				} else {
					permit.SendIn(cx, p.next)
					p.next++
				}
			}
		}
		got := p.c.PollSend(cx, &p.entry, p.next)
		if !got.Ready {
			return got
		}
		if got.Err != nil {
			return got
		}
		p.next++
	}
	return future.Of(none{})
}

func (p *producer) Drop() { p.entry.Cancel() }

// A consumer counts what it receives until the channel is closed.
type consumer struct {
	c     *chans.Chan[int]
	got   []point.Int64 // the last is what several send, in no order
	last  map[int]int   // the latest of each producer
	per   int
	t     *testing.T
	entry waker.Entry
}

func (k *consumer) Poll(cx *future.Context) future.Poll[none] {
	for {
		p := k.c.PollRecv(cx, &k.entry)
		switch {
		case !p.Ready:
			return future.Poll[none]{}
		case p.Err != nil:
			return future.Of(none{})
		}
		k.got[p.Value].Inc()
		if from := p.Value / k.per; k.last != nil && p.Value != len(k.got)-1 {
			if before, ok := k.last[from]; ok && before >= p.Value {
				k.t.Errorf("%d after %d", p.Value, before)
			}
			k.last[from] = p.Value
		}
	}
}

func (k *consumer) Drop() { k.entry.Cancel() }

// Each message is received once, by tasks and goroutines, whatever is aborted; one
// receiver sees those of each sender in order.
func TestStressChan(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		const per = 300
		single := rng.IntN(2) == 0
		c := chans.MPMC[int](1 + rng.IntN(20))
		consumers := 1 + rng.IntN(3)
		if single {
			c, consumers = chans.MPSC[int](1+rng.IntN(20)), 1
		}
		senders := 1 + rng.IntN(4)
		late := per * (senders + 1)
		got := make([]point.Int64, late+1)
		var ks, ps, aborted []sched.JoinHandle[none]
		for range consumers {
			k := &consumer{c: c, got: got, per: per, t: t}
			if consumers == 1 {
				k.last = map[int]int{}
			}
			ks = append(ks, sched.Spawn(rt, future.Future[none](k)))
		}
		if !single {
			for range 3 { // they may take messages, and then count them
				aborted = append(aborted, sched.Spawn(rt, future.Future[none](&consumer{c: c, got: got, per: per, t: t})))
			}
		}
		for i := range senders {
			ps = append(ps, sched.Spawn(rt, future.Future[none](&producer{
				c: c, next: i * per, end: (i + 1) * per, permits: rng.IntN(2) == 0,
			})))
		}
		for range 5 {
			aborted = append(aborted, sched.Spawn(rt, c.SendFuture(late)))
		}
		for _, h := range aborted {
			h.Abort()
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range per {
				if err := c.Send(context.Background(), senders*per+i); err != nil {
					t.Error(err)
				}
			}
		})
		for _, h := range ps {
			_, err := h.Wait(testkit.Within(t))
			require.NoError(t, err)
		}
		extra := 0 // of those that were aborted too late
		for _, h := range aborted[len(aborted)-5:] {
			if _, err := h.Wait(testkit.Within(t)); err == nil {
				extra++
			}
		}
		wg.Wait()
		c.Close()
		for _, h := range ks {
			_, err := h.Wait(testkit.Within(t))
			require.NoError(t, err)
		}
		for i := range got {
			want := int64(1)
			if i == late {
				want = int64(extra)
			}
			if n := got[i].Load(); n != want {
				t.Fatalf("message %d received %d times, want %d", i, n, want)
			}
		}
	})
}

// When a channel is closed, all who wait are told, also if the last message is on
// its way at that moment; what was sent without an error is received.
func TestStressClose(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		for range 20 {
			c := chans.MPMC[int](1 + rng.IntN(3))
			var sent, received point.Int64
			var hs []sched.JoinHandle[none]
			for range 4 {
				hs = append(hs, sched.Spawn(rt, future.Map(c.RecvFuture(), func(int) none {
					received.Inc()
					return none{}
				})))
				hs = append(hs, sched.Spawn(rt, after(c.SendFuture(1), func() { sent.Inc() })))
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				if p, err := c.TryReserve(); err == nil {
					p.Drop()
				}
			})
			c.Close()
			wg.Wait()
			for _, h := range hs {
				if _, err := h.Wait(testkit.Within(t)); err != nil {
					require.ErrorIs(t, err, chans.ErrClosed)
				}
			}
			require.Equal(t, sent.Load(), received.Load()+int64(c.Abandon()))
		}
	})
}

// Each message of an unbounded channel is received once.
func TestStressUnbounded(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		const per, senders = 200, 3
		c := chans.NewUnbounded[int]()
		got := make([]point.Int64, per*senders)
		var hs []sched.JoinHandle[none]
		for range per * senders {
			hs = append(hs, sched.Spawn(rt, future.Map(c.RecvFuture(), func(v int) none {
				got[v].Inc()
				return none{}
			})))
		}
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				for v := i * per; v < (i+1)*per; v++ {
					if err := c.Send(v); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 50 {
			hs[rng.IntN(len(hs))].Abort()
		}
		wg.Wait()
		c.Close()
		done := 0
		for _, h := range hs {
			if _, err := h.Wait(testkit.Within(t)); err == nil {
				done++
			} else {
				require.ErrorIs(t, err, sched.ErrCanceled)
			}
		}
		left := c.Len()
		for v := range c.All(testkit.Within(t)) {
			got[v].Inc()
		}
		require.Equal(t, per*senders, done+left)
		for i := range got {
			require.EqualValues(t, 1, got[i].Load(), "message %d", i)
		}
	})
}

// Every subscriber gets every value, in order, or is told how many it missed; a
// watcher sees the last.
func TestStressBroadcastAndWatch(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		const values = 500
		b := chans.NewBroadcast[int](1 + rng.IntN(100))
		w := chans.NewWatch(0)
		var hs []sched.JoinHandle[none]
		for range 4 {
			s, next := b.Subscribe(), 1
			hs = append(hs, sched.Spawn(rt, future.Future[none](future.FromFunc(func(cx *future.Context) future.Poll[none] {
				for {
					p := s.Poll(cx)
					lagged, missed := p.Err.(*chans.LaggedError)
					switch {
					case !p.Ready:
						return future.Wait[none]()
					case missed:
						next += int(lagged.Missed)
					case p.Err != nil:
						if next != values+1 {
							t.Errorf("got and missed %d of %d", next-1, values)
						}
						return future.Of(none{})
					case p.Value != next:
						t.Errorf("got %d, want %d", p.Value, next)
						return future.Of(none{})
					default:
						next++
					}
				}
			}))))
			r, last := w.Watcher(), 0
			hs = append(hs, sched.Spawn(rt, future.Future[none](future.FromFunc(func(cx *future.Context) future.Poll[none] {
				for {
					p := r.Poll(cx)
					switch {
					case !p.Ready:
						return future.Wait[none]()
					case p.Err != nil:
						if last != values {
							t.Errorf("the last value seen is %d", last)
						}
						return future.Of(none{})
					case p.Value <= last:
						t.Errorf("%d after %d", p.Value, last)
					}
					last = p.Value
				}
			}))))
		}
		for i := range values {
			_, err := b.Send(i + 1)
			require.NoError(t, err)
			require.NoError(t, w.Set(i+1))
		}
		b.Close()
		w.Close()
		for _, h := range hs {
			_, err := h.Wait(testkit.Within(t))
			require.NoError(t, err)
		}
	})
}
