// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// A bed is where an owner sleeps that does not sleep in a futex.
type bed = *twin

type twin struct{ explore.Bed }

func newBed() bed {
	b := new(twin)
	b.Init()
	return b
}

func (b *twin) send()    { b.Send() }
func (b *twin) receive() { b.Receive() }

// An alarm ends a sleep in a bed.
type alarm struct{}

// receiveFor is over before it begins, as it may be, unless it is to last for ever.
func (b *twin) receiveFor(d time.Duration, _ *alarm) bool {
	if d != forever {
		return false
	}
	b.Receive()
	return true
}

// An end is a moment to come. There is no clock in an exploration.
type end struct{ time.Duration }

func endOf(d time.Duration) end { return end{d} }

func (e end) left() time.Duration { return e.Duration }
