// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// The life of a one-shot channel. Each step is one compare-and-swap: as one goroutine
// sends, the message can be written before anybody knows of it.
//
//	        Send: the message is written
//	open ───────────────────────────────► sent
//	 │ └──────────────────────────────────► shut
//	 │      Close
//	 └────────────────────────────────────► gone
//	        the receiver is dropped
//
// Beside open stands the bit asking, which the receiver sets and clears, and which the
// step out of open takes away.
type oneState uint32

const (
	sent   oneState = 1 << iota // the message stands
	shut                        // the sender gave up
	gone                        // the receiver gave up
	asking                      // the waker is registered

	ended = sent | shut | gone
)

// OneShot returns the two ends of a channel for one message. It is a
// [future.Promise] whose two sides can be given up: a sender that closes without
// having sent ends the wait of its receiver.
//
// One allocation, of 48 bytes for a message of one word.
//
// Caller: any.
func OneShot[T any]() (*OneSender[T], *OneReceiver[T]) {
	o := new(oneShot[T])
	return (*OneSender[T])(o), (*OneReceiver[T])(o)
}

type oneShot[T any] struct {
	// waker is the receiver's. Plain: the receiver's until it has set asking; then
	// that of who takes asking away.
	waker waker.Waker

	// value is the sender's while the channel is open, then the receiver's.
	value T

	// state is one of the above.
	// Writers: any, by compare-and-swap out of open; the receiver, by compare-and-swap,
	// for asking. Invariant: once ended, nothing changes.
	state point.Uint32

	over bool // the message was received or the channel dropped; the receiver only
}

// Proof [one-race]: who waits for a one-shot channel is woken when it ends.
//
//	sender                                  receiver
//	  O1  write the message                   A1  write the waker
//	  O2  open to sent or shut; if it was     A2  set asking; if it has ended:
//	      asking: take the waker, wake            take the message
//
// One step leaves open. (elect) O2 before A2 in S: A2 fails, and the receiver sees the
// message whole. (publish) Otherwise O2 finds asking, and sees the waker whole.
// (publish) So the poll that the wake causes sees sent or shut. The waker is the
// receiver's again once it has taken asking away itself. A message that O2 finds no
// place for is cleared by its sender: nobody reads it unless in sent.
//
// Checked by: TestExploreOneShot, TestExploreOneShotWait, TestStressOneShot.

func (o *oneShot[T]) load() oneState { return oneState(o.state.Load()) }

// end leaves open, in which the caller saw s. It reports false if somebody else has.
//
// Caller: any; with cx, the goroutine that polls with it.
func (o *oneShot[T]) end(s, as oneState, cx *future.Context) bool {
	for ; ; s = o.load() {
		if s&ended != 0 {
			return false
		}
		if !o.state.CompareAndSwap(uint32(s), uint32(as)) { // [one-race] O2 elect; publish: value; takes effect here
			continue // the receiver asks or no longer does, or the channel has ended
		}
		if s&asking != 0 {
			if point.Explored {
				point.Writes(&o.waker)
			}
			w := o.waker
			o.waker = waker.Waker{}
			w.WakeIn(cx)
			w.Drop()
		}
		return true
	}
}

// ask leaves cx's waker to who ends the channel, unless it has ended: then the task
// needs no wake, and ask reports false.
//
// Caller: the receiver.
func (o *oneShot[T]) ask(cx *future.Context) bool {
	s := o.load()
	if s&ended != 0 || s&asking != 0 && !o.mark(0) {
		return false // and if there was a waker, who ended the channel has it
	}
	if point.Explored {
		point.Writes(&o.waker)
	}
	w := cx.Waker()
	if !o.waker.WillWake(w) {
		w, o.waker = o.waker, w // [one-race] A1
	}
	asks := o.mark(asking)
	if !asks {
		if point.Explored {
			point.Writes(&o.waker)
		}
		o.waker.Drop()
	}
	w.Drop() // last, as that may be user code
	return asks
}

// mark sets the bit asking as in bit. It reports false, and does nothing, if the
// channel has ended.
//
// Caller: the receiver.
func (o *oneShot[T]) mark(bit oneState) bool {
	for {
		s := o.load()
		if s&ended != 0 {
			return false
		}
		if o.state.CompareAndSwap(uint32(s), uint32(bit)) { // [one-race] A2 publish: waker
			return true
		}
	}
}

// A OneSender is the end that sends one message. Who may return without having
// sent defers Close. A task that is aborted before its first poll defers nothing: a
// future that holds a OneSender calls Close in its Drop.
type OneSender[T any] oneShot[T]

// Send sends v. It returns [ErrClosed] if the receiver has gone, or if this sender
// has sent or was closed before.
//
// Caller: owner; another goroutine may Close meanwhile.
func (s *OneSender[T]) Send(v T) error { return s.SendIn(nil, v) }

// SendIn is Send from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: owner: the goroutine that polls with cx.
func (s *OneSender[T]) SendIn(cx *future.Context, v T) error {
	o := (*oneShot[T])(s)
	was := o.load()
	if was&ended != 0 {
		return ErrClosed // and the value is the receiver's
	}
	if point.Explored {
		point.Writes(&o.value)
	}
	o.value = v // [one-race] O1
	if !o.end(was, sent, cx) {
		var none T
		o.value = none
		return ErrClosed
	}
	return nil
}

// Close gives up: the receiver gets [ErrClosed]. After Send it does nothing, so it
// may be deferred.
//
// Caller: any.
func (s *OneSender[T]) Close() {
	o := (*oneShot[T])(s)
	o.end(o.load(), shut, nil)
}

// IsClosed reports whether Send would return [ErrClosed]. Who computes a costly
// message may look in between whether somebody still waits for it.
//
// Caller: any.
func (s *OneSender[T]) IsClosed() bool { return (*oneShot[T])(s).load()&ended != 0 }

// A OneReceiver is the end that receives the message. It is a [future.Future],
// with one owner.
type OneReceiver[T any] oneShot[T]

// Poll is ready with the message, or fails with [ErrClosed] if the sender has given
// up.
//
// Caller: owner.
func (r *OneReceiver[T]) Poll(cx *future.Context) (p future.Poll[T]) {
	o := (*oneShot[T])(r)
	if o.over {
		panic("chans: a OneReceiver was polled after it was ready or closed")
	}
	s := o.load()
	if s&ended == 0 {
		if o.ask(cx) {
			return p
		}
		s = o.load()
	}
	if !cx.Spend() {
		return p
	}
	p.Ready = true
	p.Value, p.Err = o.take(s)
	return p
}

// TryRecv takes the message if it is there. It never waits: it returns [ErrEmpty] while
// the message may still come, and [ErrClosed] if the sender has given up, or this end is
// over.
//
// Caller: owner.
func (r *OneReceiver[T]) TryRecv() (v T, err error) {
	o := (*oneShot[T])(r)
	if o.over {
		return v, ErrClosed
	}
	s := o.load()
	if s&ended == 0 {
		return v, ErrEmpty
	}
	return o.take(s)
}

// take takes the message of a channel that has ended as s says.
//
// Caller: the receiver.
func (o *oneShot[T]) take(s oneState) (v T, err error) {
	o.over = true
	if s != sent {
		return v, ErrClosed
	}
	if point.Explored {
		point.Writes(&o.value)
	}
	v, o.value = o.value, v
	return v, nil
}

// Drop closes the receiver: a later Send returns [ErrClosed].
//
// Caller: owner.
func (r *OneReceiver[T]) Drop() {
	o := (*oneShot[T])(r)
	if o.over {
		return
	}
	o.over = true
	for {
		s := o.load()
		if s&ended != 0 {
			break // and if there was a waker, who ended the channel has it
		}
		if o.state.CompareAndSwap(uint32(s), uint32(gone)) { // takes effect here
			if point.Explored {
				point.Writes(&o.waker)
			}
			o.waker.Drop()
			return
		}
	}
	if o.load() == sent {
		if point.Explored {
			point.Writes(&o.value)
		}
		var none T
		o.value = none
	}
}

// Recv blocks the calling goroutine until the message is there, or until ctx ends;
// then it closes the receiver and returns the cause.
//
// Caller: owner: a goroutine that may sleep, not a task.
func (r *OneReceiver[T]) Recv(ctx context.Context) (T, error) {
	return future.Block(ctx, future.Future[T](r))
}
