// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// turns is one of two tasks that tell each other by turns.
type turns struct {
	mine, other *locks.Notify
	left, got   int
	begins      bool
	told        bool // the other, and waits for the answer
	w           locks.Waiter
}

// Poll counts its turns.
func (t *turns) Poll(cx *sched.Context) future.Poll[int] {
	for t.left > 0 {
		if t.begins && !t.told {
			t.told = true
			t.other.OneIn(cx)
		}
		if !t.mine.Poll(cx, &t.w) {
			return future.Wait[int]()
		}
		t.left--
		t.got++
		t.told = false
		if !t.begins {
			t.other.OneIn(cx)
		}
	}
	return future.Of(t.got)
}

// A locker locks and unlocks again and again, perhaps as one of many.
type locker struct {
	m    *locks.Mutex
	got  *int // of all, under the mutex
	left int
	w    locks.Waiter
}

// Poll counts under the mutex, and is ready with what it read there last.
func (l *locker) Poll(cx *sched.Context) future.Poll[int] {
	got := 0
	for l.left > 0 {
		if !l.m.PollLock(cx, &l.w) {
			return future.Wait[int]()
		}
		l.left--
		*l.got++
		got = *l.got
		l.m.UnlockIn(cx)
	}
	return future.Of(got)
}

// Drop gives up its place in the line.
func (l *locker) Drop() { l.w.Cancel() }

// pilferContend has all tasks in line when the mutex is given free.
func pilferContend(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		var m locks.Mutex
		got := 0
		handles := make([]sched.JoinHandle[int], lockTasks)
		err := s.Time(units, func() error {
			m.TryLock()
			for i := range handles {
				lo, hi := cut(units, i, lockTasks)
				handles[i] = sched.Spawn(rt, future.Future[int](&locker{m: &m, got: &got, left: hi - lo}))
			}
			m.Unlock()
			for _, h := range handles {
				if _, err := h.Wait(background); err != nil {
					return err
				}
			}
			return nil
		})
		return orLeft(err, int64(units-got))
	}
}

// A taker takes permits and gives them back.
type taker struct {
	s         *locks.Semaphore
	left, got int
	w         locks.Waiter
}

// Poll counts permits.
func (t *taker) Poll(cx *sched.Context) future.Poll[int] {
	for ; t.left > 0; t.left-- {
		if !t.s.PollAcquire(cx, &t.w, 1) {
			return future.Wait[int]()
		}
		t.got++
		t.s.ReleaseIn(cx, 1)
	}
	return future.Of(t.got)
}

// A caller asks its partner again and again.
type caller struct {
	there, back     *chans.Chan[int]
	next, until     int
	answered        int
	waits           bool // for an answer
	sending, answer waker.Entry
}

// Poll is ready with how many answers were right.
func (c *caller) Poll(cx *sched.Context) future.Poll[int] {
	for c.next < c.until {
		if !c.waits {
			if !c.there.PollSend(cx, &c.sending, c.next).Ready {
				return future.Wait[int]()
			}
			c.waits = true
		}
		p := c.back.PollRecv(cx, &c.answer)
		if !p.Ready {
			return future.Wait[int]()
		}
		if c.waits = false; p.Value == c.next {
			c.answered++
		}
		c.next++
	}
	c.there.Close()
	return future.Of(c.answered)
}

// A partner sends back what it receives.
type partner struct {
	there, back      *chans.Chan[int]
	got              int
	has              bool // something to send back
	hearing, sending waker.Entry
}

// Poll is ready when the channel is closed.
func (p *partner) Poll(cx *sched.Context) future.Poll[none] {
	for {
		if !p.has {
			in := p.there.PollRecv(cx, &p.hearing)
			switch {
			case !in.Ready:
				return future.Wait[none]()
			case in.Err != nil: // closed
				return future.Of(none{})
			}
			p.got, p.has = in.Value, true
		}
		if !p.back.PollSend(cx, &p.sending, p.got).Ready {
			return future.Wait[none]()
		}
		p.has = false
	}
}

func pilferPairs(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		trips := units / pingPairs
		answered := make([]int, pingPairs)
		err := s.Time(trips*pingPairs, func() error {
			handles, err := sched.Go(rt, func(cx *sched.Context) (all [pingPairs]sched.JoinHandle[int], err error) {
				for i := range all {
					there, back := chans.MPSC[int](1), chans.MPSC[int](1)
					sched.Spawn(cx, future.Future[none](&partner{there: there, back: back}))
					all[i] = sched.Spawn(cx, future.Future[int](&caller{there: there, back: back, until: trips}))
				}
				return all, nil
			}).Wait(background)
			for i := range handles {
				if err == nil {
					answered[i], err = handles[i].Wait(background)
				}
			}
			return err
		})
		return checkPairs(err, answered, trips)
	}
}
