// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package park

import "time"

// A bed is where an owner sleeps that does not sleep in a futex.
type bed chan struct{}

func newBed() bed { return make(bed, 1) }

func (b bed) send()    { b <- struct{}{} }
func (b bed) receive() { <-b }

// An alarm ends a sleep in a bed. The zero alarm is ready to use.
type alarm struct{ timer *time.Timer }

// receiveFor reports whether there was a message before d was over.
func (b bed) receiveFor(d time.Duration, a *alarm) bool {
	if a.timer == nil {
		a.timer = time.NewTimer(d)
	} else {
		a.timer.Reset(d)
	}
	select {
	case <-b:
		a.timer.Stop()
		return true
	case <-a.timer.C:
		return false
	}
}

// An end is a moment to come.
type end time.Time

func endOf(d time.Duration) end { return end(time.Now().Add(d)) }

func (e end) left() time.Duration { return time.Until(time.Time(e)) }
