// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/internal/point"

// counts is what others may read of the counters of a party that polls.
type counts struct {
	// polls counts polls.
	// Writers: the registry's owner, in publish. Invariant: never decreases.
	polls point.Uint64

	// started counts tasks polled for the first time.
	// Writers: the registry's owner, in publish. Invariant: never decreases.
	started point.Uint64

	// completed counts tasks done.
	// Writers: the registry's owner, in publish. Invariant: never decreases.
	completed point.Uint64
}

// publish makes the counters readable by others.
//
// Caller: owner.
func (l *local) publish() {
	if l.reg == nil {
		return // before the first task
	}
	l.reg.counts.polls.Store(l.polls)
	l.reg.counts.started.Store(l.started)
	l.reg.counts.completed.Store(l.completed)
}

// add counts what a caller did that has no registry of its own.
//
// Caller: any.
func (c *counts) add(l *local) {
	c.polls.Add(l.polls)
	c.started.Add(l.started)
	c.completed.Add(l.completed)
}
