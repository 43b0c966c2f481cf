// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// An answer is a task that is ready with a number.
type answer int

// Poll is ready.
func (a answer) Poll(*sched.Context) future.Poll[int] { return future.Of(int(a)) }

func pilferAsk(rt *sched.Runtime) func(n int) (int, error) {
	return func(n int) (int, error) { return sched.Spawn(rt, future.Future[int](answer(n))).Wait(background) }
}

// A server is a task that answers requests.
type server struct {
	requests *chans.Chan[request]
	entry    waker.Entry
	answers  *chans.Chan[int] // nil: into the request's own channel
}

// Poll answers what is there, into a channel that has room for it.
func (f *server) Poll(cx *sched.Context) future.Poll[none] {
	for {
		p := f.requests.PollRecv(cx, &f.entry)
		switch {
		case !p.Ready:
			return future.Wait[none]()
		case p.Err != nil: // closed
			return future.Of(none{})
		}
		if f.answers == nil {
			p.Value.reply <- p.Value.n
		} else if err := f.answers.TrySendIn(cx, p.Value.n); err != nil {
			return future.Fail[none](err)
		}
	}
}

// pilferServer has a task wait for requests. A locked worker's answer is waited for
// by BlockOn, which sleeps as the worker does; beside an unlocked one Go's channel does.
func pilferServer(locked bool, c wakeCase) Open {
	return func(workers int) (Body, func() error, error) {
		rt, err := sched.New(sched.Workers(workers), sched.LockThreads(locked))
		if err != nil {
			return nil, nil, err
		}
		s := &server{requests: chans.MPSC[request](1)}
		reply := make(chan int, 1)
		receive := func() (int, error) { return <-reply, nil }
		if locked {
			s.answers = chans.MPSC[int](1)
			receive = func() (int, error) { return sched.BlockOn(background, rt, s.answers.RecvFuture()) }
		}
		served := sched.Spawn(rt, future.Future[none](s))
		ask := func(n int) (int, error) {
			if err := s.requests.TrySend(request{n, reply}); err != nil {
				return 0, err
			}
			return receive()
		}
		return wakeBody(c, ask), func() error {
			s.requests.Close()
			_, err := served.Wait(background)
			return errors.Join(err, rt.Close())
		}, nil
	}
}

// pilferOccupied calls body while each worker runs a long job.
func pilferOccupied(rt *sched.Runtime, body func(j *longJob) error) error {
	j := &longJob{}
	var jobs []sched.JoinHandle[none]
	for range rt.Workers() {
		jobs = append(jobs, sched.Go(rt, func(cx *sched.Context) (none, error) {
			j.run(func(f func(*sched.Context)) { f(cx) })
			return none{}, nil
		}))
	}
	j.awaitRunning(len(jobs))
	err := body(j)
	j.stop.Store(true)
	for _, h := range jobs {
		if _, e := h.Wait(background); err == nil {
			err = e
		}
	}
	return err
}

func pilferBusy(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		return pilferOccupied(rt, func(*longJob) error {
			return s.latencies(units, false, func(n int) (int, error) {
				return sched.SpawnWith(rt, future.Future[int](answer(n)), sched.Anywhere()).Wait(background)
			})
		})
	}
}

// A suspended is a task that waits for its promise, and only then asks somebody
// to settle it.
type suspended struct {
	inner future.Future[int]
	post  func() // nil once called
}

// Poll waits.
func (f *suspended) Poll(cx *sched.Context) future.Poll[int] {
	got := f.inner.Poll(cx)
	if f.post != nil {
		f.post()
		f.post = nil
	}
	return got
}

func pilferBusyWoken(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		return pilferOccupied(rt, func(j *longJob) error {
			return s.latencies(units, false, func(n int) (int, error) {
				p := future.NewPromise[int]()
				wake := func(cx *sched.Context) { p.ResolveIn(cx, n) }
				f := &suspended{inner: p.Future(), post: func() { j.mail.Store(&wake) }}
				return sched.SpawnWith(rt, future.Future[int](f), sched.Anywhere()).Wait(background)
			})
		})
	}
}
