// SPDX-License-Identifier: Apache-2.0

package park

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

const (
	// late is how long after its wake-up a sleeper may take until it runs. The
	// kernel needs 5 to 80 us, and on a shared machine now and then 0.5 ms; 10 ms
	// is what a busy goroutine keeps its P.
	late = time.Millisecond

	// firstRelief and longestRelief bound how long sleepers stay out of the
	// kernel after one of them was late; it doubles with each time in a row.
	firstRelief   = 200 * time.Millisecond
	longestRelief = 5 * time.Second
)

// Pressure tells a group of parkers where to sleep. A thread that the kernel
// wakes needs a P to go on; if ordinary goroutines keep all of them busy it
// waits in the global queue, for 10 ms and more. A goroutine that sleeps in a
// channel goes to the front of its waker's queue instead, and runs as soon as
// the waker blocks. So when a sleeper comes late from the kernel, the group
// sleeps in channels for a while, and then tries the kernel again.
type Pressure struct {
	// until is the time at which the group may sleep in the kernel again, or 0.
	// Writers: a late sleeper; who finds that it has passed clears it.
	// Invariant: none; a lost update costs one try.
	until point.Uint32

	// relief is how long the last stay out of the kernel was planned to be.
	// Writers: a late sleeper. Invariant: 0 to longestRelief, in ticks.
	relief point.Uint32
}

// A tick is the unit of the clock: about a microsecond. 32 bits of it wrap after
// 73 minutes, so times are compared by their difference; 64-bit words would have
// to be aligned by whoever embeds a Parker on a 32-bit machine.
const tick = 1024 * time.Nanosecond

// start is the zero of the clock.
var start = time.Now()

// clock returns the time in ticks, never 0.
func clock() uint32 {
	if point.Exploring() {
		return 1
	}
	return uint32(time.Since(start)/tick) | 1
}

// High reports whether the group sleeps in channels now.
//
// Caller: any.
func (p *Pressure) High() bool { return p.until.Load() != 0 && p.high(clock()) }

// high reports whether to sleep in a channel.
func (p *Pressure) high(now uint32) bool {
	until := p.until.Load()
	if until == 0 {
		return false
	}
	if left := until - now; left != 0 && left <= uint32(longestRelief/tick) {
		return true
	}
	p.until.CompareAndSwap(until, 0)
	return false
}

// note tells how late a sleeper came back from the kernel, in ticks.
func (p *Pressure) note(lateness, now uint32) {
	if lateness < uint32(late/tick) {
		if p.relief.Load() != 0 && p.until.Load() == 0 {
			p.relief.Store(p.relief.Load() / 2) // punctual again: forgive by and by
		}
		return
	}
	relief := min(max(2*p.relief.Load(), uint32(firstRelief/tick)), uint32(longestRelief/tick))
	p.relief.Store(relief)
	p.until.Store((now + relief) | 1)
}
