// SPDX-License-Identifier: Apache-2.0

package workers

import "fmt"

// An Order says which of its own jobs a worker runs next.
type Order uint8

const (
	// RunNext is first in, first out, but for the job that the last one pushed
	// with PushNext, which runs next: up to three times in a row. The default.
	RunNext Order = iota

	// FIFO is first in, first out: PushNext is Push.
	FIFO

	// LIFO is last in, first out. The oldest job has every 62nd turn, so that a job
	// which pushes for ever starves nobody, and what PushYielded queues lets the
	// oldest go first.
	LIFO
)

func (o Order) String() string {
	if o <= LIFO {
		return [...]string{"run-next", "FIFO", "LIFO"}[o]
	}
	return fmt.Sprintf("Order(%d)", uint8(o))
}

// InOrder sets the order of a worker's own jobs; the default is [RunNext]. Thieves
// take the oldest whatever it is, and a pool with [Levels] keeps the other levels
// than Normal first in, first out.
func InOrder(o Order) Option { return func(c *config) { c.order = o } }

// StealOne makes a thief take one job at a time, and not half of what its victim has.
// The default is half.
func StealOne() Option { return func(c *config) { c.stealOne = true } }

// maxLIFO is how many of the newest jobs may follow each other in LIFO order.
const maxLIFO = 61

// setOrder prepares what Push and nextJob go by.
func (w *Worker) setOrder(o Order) {
	w.maxStreak = maxStreak
	switch o {
	case RunNext:
		w.afterNext = true
	case LIFO:
		w.afterPush, w.afterNext, w.maxStreak = true, true, maxLIFO
	}
}
