// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/workers"

// An Order says which of its own tasks a worker polls next.
type Order = workers.Order

// The orders of [InOrder].
const (
	// RunNext is first in, first out, but for the task that the last one woke: it
	// is polled next, while its data is in cache, up to three times in a row.
	RunNext = workers.RunNext

	// FIFO is first in, first out: what was woken waits as all others do. For tasks
	// that wake many others and must not favour the last one.
	FIFO = workers.FIFO

	// LIFO is last in, first out: for trees of tasks, which it walks depth first, so
	// that few are alive at once. Every 62nd turn is the oldest task's.
	LIFO = workers.LIFO
)

// InOrder sets the order of a worker's own tasks; the default is [RunNext]. Other
// workers steal the oldest whatever it is.
func InOrder(o Order) Option { return pool(workers.InOrder(o)) }

// StealOne makes an idle worker take one task at a time from another, and not half of
// what that has; the default is half. For few tasks of a millisecond and more, which
// half would leave to one worker while others ask in vain.
func StealOne() Option { return pool(workers.StealOne()) }
