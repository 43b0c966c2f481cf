// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// pilferMessages are our channels and locks. Tasks are written as state machines,
// which is their form without allocations.
func pilferMessages(with func(body func(rt *sched.Runtime) Body) Open) map[string]Open {
	count := func(start func(rt *sched.Runtime, units int) sched.JoinHandle[int]) Open {
		return with(func(rt *sched.Runtime) Body {
			return func(s *Sample, units int) error {
				got := 0
				err := s.Time(units, func() (err error) {
					got, err = start(rt, units).Wait(background)
					return err
				})
				return orLeft(err, int64(units-got))
			}
		})
	}
	return map[string]Open{
		"channel": count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] { return talk(rt, units, 1) }),
		"mpsc-4":  count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] { return talk(rt, units, messageSenders) }),
		"one-shot": count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
			return sched.Spawn(rt, future.Future[int](&oneShots{left: units}))
		}),
		"hop": count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
			asks := chans.MPSC[*chans.OneSender[int]](1)
			sched.Spawn(rt, future.Future[none](&echo{asks: asks}))
			return sched.Spawn(rt, future.Future[int](&asker{asks: asks, left: units / 2}))
		}),
		"notify": count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
			var there, back locks.Notify
			sched.Spawn(rt, future.Future[int](&turns{mine: &there, other: &back, left: units}))
			return sched.Spawn(rt, future.Future[int](&turns{mine: &back, other: &there, left: units, begins: true}))
		}),
		"mutex": count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
			return sched.Spawn(rt, future.Future[int](&locker{m: new(locks.Mutex), got: new(int), left: units}))
		}),
		"semaphore": count(func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
			return sched.Spawn(rt, future.Future[int](&taker{s: locks.NewSemaphore(permits), left: units}))
		}),
		"await-ready":   count(pilferDirect(false)),
		"await-suspend": count(pilferDirect(true)),
		"mutex-1000":    with(pilferContend),
		"pairs":         with(pilferPairs),
	}
}

// A talker sends its numbers; the last one closes the channel.
type talker struct {
	to          *chans.Chan[message]
	from        int32
	next, until int32
	entry       waker.Entry

	// open is how many talkers have not ended.
	// Writers: each talker, by one. Invariant: never below 0.
	open *point.Int32
}

// Poll sends as many as there is room for.
func (t *talker) Poll(cx *sched.Context) future.Poll[none] {
	for ; t.next < t.until; t.next++ {
		if p := t.to.PollSend(cx, &t.entry, message{t.from, t.next}); !p.Ready {
			return future.Wait[none]()
		}
	}
	if t.open.Dec() == 0 {
		t.to.Close()
	}
	return future.Of(none{})
}

// A listener receives until the channel is closed, and counts what is in order.
type listener struct {
	from  *chans.Chan[message]
	tally tally
	entry waker.Entry
}

// Poll receives what is there.
func (l *listener) Poll(cx *sched.Context) future.Poll[int] {
	for {
		p := l.from.PollRecv(cx, &l.entry)
		switch {
		case !p.Ready:
			return future.Wait[int]()
		case p.Err != nil: // closed
			return future.Of(l.tally.got)
		}
		l.tally.note(p.Value)
	}
}

// talk starts some senders and a receiver.
func talk(rt *sched.Runtime, units, senders int) sched.JoinHandle[int] {
	c, open := chans.MPSC[message](messageRoom), new(point.Int32)
	open.Store(int32(senders))
	for i := range senders {
		sched.Spawn(rt, future.Future[none](&talker{to: c, from: int32(i), until: sends(units, i, senders), open: open}))
	}
	return sched.Spawn(rt, future.Future[int](&listener{from: c}))
}

// oneShots is a task that sends to itself.
type oneShots struct {
	left, got int
	from      *chans.OneReceiver[int]
}

// Poll counts what it has received.
func (o *oneShots) Poll(cx *sched.Context) future.Poll[int] {
	for o.left > 0 {
		if o.from == nil {
			to, from := chans.OneShot[int]()
			if err := to.SendIn(cx, o.left); err != nil {
				return future.Fail[int](err)
			}
			o.from = from
		}
		p := o.from.Poll(cx)
		if !p.Ready {
			return future.Wait[int]()
		}
		if o.from = nil; p.Value == o.left {
			o.got++
		}
		o.left--
	}
	return future.Of(o.got)
}

// An asker sends an echo one channel after the other to answer into.
type asker struct {
	asks      *chans.Chan[*chans.OneSender[int]]
	left, got int
	answer    *chans.OneReceiver[int]
}

// Poll counts messages: each right answer is two.
func (a *asker) Poll(cx *sched.Context) future.Poll[int] {
	for {
		if a.answer != nil {
			p := a.answer.Poll(cx)
			if !p.Ready {
				return future.Wait[int]()
			}
			if a.answer = nil; p.Value*2 == a.got {
				a.got += 2
			}
		}
		if a.left == 0 {
			a.asks.Close()
			return future.Of(a.got)
		}
		a.left--
		to, from := chans.OneShot[int]()
		a.answer = from
		if err := a.asks.TrySendIn(cx, to); err != nil {
			return future.Fail[int](err)
		}
	}
}

// An echo answers with how often it has.
type echo struct {
	asks  *chans.Chan[*chans.OneSender[int]]
	n     int
	entry waker.Entry
}

// Poll answers what is there.
func (e *echo) Poll(cx *sched.Context) future.Poll[none] {
	for {
		p := e.asks.PollRecv(cx, &e.entry)
		switch {
		case !p.Ready:
			return future.Wait[none]()
		case p.Err != nil: // closed
			return future.Of(none{})
		}
		if err := p.Value.SendIn(cx, e.n); err != nil {
			return future.Fail[none](err)
		}
		e.n++
	}
}
