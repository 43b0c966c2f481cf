// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// A yielder is a task that gives way to the others a number of times.
type yielder struct{ left, yielded int }

// Poll gives way once more, or is ready with the number of times.
func (y *yielder) Poll(cx *sched.Context) future.Poll[int] {
	if y.left == 0 {
		return future.Of(y.yielded)
	}
	y.left--
	y.yielded++
	cx.Wake()
	return future.Wait[int]()
}

// pilferYield lets tasks yield, of levels in turn if there are any.
func pilferYield(rt *sched.Runtime, levels []sched.TaskOption) Body {
	return func(s *Sample, units int) error {
		handles := make([]sched.JoinHandle[int], yieldTasks)
		sum := 0
		err := s.Time(units, func() error {
			for i := range handles {
				handles[i] = spawnAt(rt, i, future.Future[int](&yielder{left: units / yieldTasks}), levels)
			}
			for _, h := range handles {
				n, err := h.Wait(background)
				if err != nil {
					return err
				}
				sum += n
			}
			return nil
		})
		return orLeft(err, int64(units-sum))
	}
}

// A round is what the tasks of one round share.
type round struct {
	// left is how many pairs are not through.
	// Writers: any task, by one each. Invariant: never below 0.
	left point.Int64
	done *future.Promise[none]
}

// A starter is the future that a caller waits for: it starts the tasks of a
// round and is ready when the last of them says so.
type starter struct {
	start func(cx *sched.Context)
	done  future.Future[none]
}

// Poll starts the tasks, the first time.
func (r *starter) Poll(cx *sched.Context) future.Poll[none] {
	if r.start != nil {
		r.start(cx)
		r.start = nil
	}
	return r.done.Poll(cx)
}

// A ping spawns its pong, sends it something, and waits for the answer. It holds
// both promises, and its task.
type ping struct {
	task        sched.Task[none]
	round       *round
	there, back future.Promise[none]
	answer      future.Future[none]
}

// Poll is ready when the answer has come.
func (p *ping) Poll(cx *sched.Context) future.Poll[none] {
	if p.answer == nil {
		p.answer = p.back.Future()
		q := &pong{sent: p.there.Future(), answer: &p.back}
		sched.SpawnInto(cx, &q.task, q)
		p.there.ResolveIn(cx, none{})
	}
	got := p.answer.Poll(cx)
	if got.Ready && p.round.left.Dec() == 0 {
		p.round.done.ResolveIn(cx, none{})
	}
	return got
}

// A pong waits for its ping, and answers.
type pong struct {
	task   sched.Task[none]
	sent   future.Future[none]
	answer *future.Promise[none]
}

// Poll is ready when it has answered.
func (p *pong) Poll(cx *sched.Context) future.Poll[none] {
	got := p.sent.Poll(cx)
	if got.Ready {
		p.answer.ResolveIn(cx, none{})
	}
	return got
}

func pilferPingPong(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		return s.Time(units, func() error {
			for range units / pingPairs {
				r := &round{done: future.NewPromise[none]()}
				r.left.Store(pingPairs)
				all := &starter{done: r.done.Future(), start: func(cx *sched.Context) {
					for range pingPairs {
						p := &ping{round: r}
						sched.SpawnInto(cx, &p.task, p)
					}
				}}
				_, err := sched.BlockOn(background, rt, future.Future[none](all))
				if err := orLeft(err, r.left.Load()); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func pilferChain(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		return s.Time(units, func() error {
			for range units / chainLength {
				left, done := chainLength, future.NewPromise[none]()
				var link func(cx *sched.Context) (none, error)
				link = func(cx *sched.Context) (none, error) {
					if left--; left > 0 {
						sched.Go(cx, link)
					} else {
						done.ResolveIn(cx, none{})
					}
					return none{}, nil
				}
				first := &starter{done: done.Future(), start: func(cx *sched.Context) { sched.Go(cx, link) }}
				_, err := sched.BlockOn(background, rt, future.Future[none](first))
				if err := orLeft(err, int64(left)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// A filler is a task that spawns one waiting task for each promise, in batches
// so that the queues stay short.
type filler struct {
	promises []*future.Promise[none]
	handles  []sched.JoinHandle[none]
	next     int
}

// Poll spawns a batch.
func (f *filler) Poll(cx *sched.Context) future.Poll[none] {
	end := min(f.next+spawnBatch, len(f.promises))
	for ; f.next < end; f.next++ {
		f.handles[f.next] = sched.Spawn(cx, f.promises[f.next].Future())
	}
	if f.next == len(f.promises) {
		return future.Of(none{})
	}
	cx.Wake()
	return future.Wait[none]()
}

func pilferPending(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		f := &filler{promises: make([]*future.Promise[none], units), handles: make([]sched.JoinHandle[none], units)}
		empty, emptyRSS := live(), residentBytes()
		for i := range f.promises {
			f.promises[i] = future.NewPromise[none]()
		}
		captured := live()
		err := s.Time(units, func() error {
			_, err := sched.Spawn(rt, future.Future[none](f)).Wait(background)
			return err
		})
		if err != nil {
			return err
		}
		for m := rt.Metrics(); m.Queued+m.Injected > 0; m = rt.Metrics() {
			runtime.Gosched()
		}
		full := live()
		each := 1 / float64(units)
		s.set("total-bytes", float64(int64(full-empty))*each)
		s.set("beyond-bytes", float64(int64(full-captured))*each)
		s.set("rss-bytes", float64(int64(residentBytes()-emptyRSS))*each)
		for i, h := range f.handles {
			if h.IsFinished() {
				return fmt.Errorf("task %d did not wait", i)
			}
		}
		return settleAll(s, f)
	}
}

// settleAll lets all waiting tasks end, and notes what that takes.
func settleAll(s *Sample, f *filler) error {
	end := &Sample{}
	err := end.Time(len(f.promises), func() error {
		for _, p := range f.promises {
			if !p.Resolve(none{}) {
				return errors.New("a promise was settled before")
			}
		}
		for _, h := range f.handles {
			if _, err := h.Wait(background); err != nil {
				return err
			}
		}
		return nil
	})
	s.set("settle-ns", end.Metrics()["ns"])
	return err
}
