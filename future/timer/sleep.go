// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"time"

	"github.com/pilfer-go/pilfer/future"
)

// Sleep returns a future that is ready d after its first poll, or up to a tick
// later; see the package comment. With a d of zero or less it is ready at that poll.
// One allocation of 64 bytes.
//
// Caller: any.
func Sleep(d time.Duration) future.Future[struct{}] {
	s := new(sleep)
	s.entry.When = int64(d) // as setFor, which the zero state stands for
	return s
}

// SleepUntil returns a future that is ready when t has come; if it has come
// already, at its first poll. A t with a monotonic reading, as of [time.Now], is
// not moved by a change of the wall clock.
//
// Caller: any.
func SleepUntil(t time.Time) future.Future[struct{}] {
	s := new(sleep)
	s.setAt(instantOf(t))
	return s
}

type sleep struct{ alarm }

// Poll waits for the time.
//
// Caller: owner.
func (s *sleep) Poll(cx *future.Context) future.Poll[struct{}] {
	if s.entry.Value.state.Load() == over {
		ended("Sleep")
	}
	if !s.poll(cx, "Sleep") {
		return future.Poll[struct{}]{}
	}
	if !cx.Spend() {
		s.setFor(0) // it has come, and is ready at the next poll
		return future.Poll[struct{}]{}
	}
	return future.Of(struct{}{})
}

// Drop takes the timer back.
//
// Caller: owner.
func (s *sleep) Drop() { s.cancel() }

// ended panics because who was polled after it was ready or dropped.
func ended(who string) {
	panic("timer: " + who + " polled after it was ready or dropped")
}
