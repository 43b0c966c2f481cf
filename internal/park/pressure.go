// SPDX-License-Identifier: Apache-2.0

package park

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

const (
	// late is how long after its wake-up a sleeper may take until it runs. The
	// kernel needs 5 to 80 us; 10 ms is what a busy goroutine keeps its P.
	late = 400 * time.Microsecond

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
	// until is the time at which the group may sleep in the kernel again.
	// Writers: a late sleeper. Invariant: none; a lost update costs one try.
	until point.Int64

	// relief is how long the last stay out of the kernel was planned to be.
	// Writers: a late sleeper. Invariant: 0 to longestRelief.
	relief point.Int64
}

// start is the zero of the clock that stamps use: monotonic, in nanoseconds.
var start = time.Now()

func clock() int64 { return int64(time.Since(start)) }

// High reports whether the group sleeps in channels now. It reads the clock.
//
// Caller: any.
func (p *Pressure) High() bool { return p.until.Load() != 0 && p.high(clock()) }

// high reports whether to sleep in a channel.
func (p *Pressure) high(now int64) bool { return now < p.until.Load() }

// note tells how late a sleeper came back from the kernel.
func (p *Pressure) note(lateness time.Duration, now int64) {
	relief := p.relief.Load()
	if lateness < late {
		if relief != 0 && now > p.until.Load()+relief {
			p.relief.Store(0) // quiet for as long as the last relief was
		}
		return
	}
	relief = min(max(2*relief, int64(firstRelief)), int64(longestRelief))
	p.relief.Store(relief)
	p.until.Store(now + relief)
}
