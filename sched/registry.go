// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
)

// chunkSize is how many tasks one chunk of a registry holds: 2 KB, so that a
// small program's registry is small, and a million tasks need 4,000 chunks.
const chunkSize = min(256, 2*point.Most)

// mostFree is how many free slots a registry remembers: after a burst of tasks a list
// of all would be as long, and grow while timers fire.
const mostFree = 4 * chunkSize

type chunk [chunkSize]point.Pointer[core]

// A registry knows the tasks that wait, so that Shutdown can cancel them and
// Close can tell when none is left; it also keeps a waiting task alive while
// only a timer or a foreign queue knows its waker. A task enters at its first
// Pending, so one that never waits never pays.
//
// Only the registry's owner adds; anybody removes, by one store, without a
// lock. The owner finds freed slots by sweeping chunk after chunk when it runs
// out of free ones.
type registry struct {
	counts counts      // first: its words need 64-bit alignment
	timers timer.Queue // second, likewise: of the tasks that this party polls

	rt    *Runtime
	index uint32 // in Runtime.registries
	place *local // of the worker that owns it, set once; nil if no worker does

	// watched says that the worker of the place sleeps until the next timer.
	// Writers: the owner. Invariant: none; timers are late by watchGrace if it is
	// wrong.
	watched point.Bool

	waits waitList // of the tasks that wait in the middle of a poll

	// chunks holds all slots.
	// Writers: the owner. Invariant: only grows; what a published slice shows is
	// never written again.
	chunks point.Pointer[[]*chunk]

	free   []uint32 // owner only: slots that are empty
	cursor int      // owner only: the chunk to sweep next
}

// A slot is a task's place in a registry: the registry's number plus one above,
// the slot below, and in the top bits whether the task was ever polled and
// whether anybody ever took its waker. A registry's number stays far below them:
// there is one for each place.
//
//	  63      62    61         32 31          0
//	+--------+------+------------+------------+
//	| polled | held | registry+1 |    slot    |
//	+--------+------+------------+------------+
type slot uint64

const (
	polledBit slot = 1 << 63
	heldBit   slot = 1 << 62
	lifeBits       = polledBit | heldBit
)

func slotOf(registry, at uint32) slot { return slot(registry+1)<<32 | slot(at) }

func (s slot) polled() bool     { return s&polledBit != 0 }
func (s slot) held() bool       { return s&heldBit != 0 }
func (s slot) registered() bool { return s&^lifeBits != 0 }
func (s slot) registry() uint32 { return uint32((s&^lifeBits)>>32) - 1 }
func (s slot) at() uint32       { return uint32(s) }

// registered reports whether the task is in a registry.
//
// Caller: who owns the task.
func (c *core) registered() bool { return c.home.registered() }

// register puts the task into the registry of the party that polled it.
//
// Caller: who owns the task.
func (c *core) register(l *local) {
	if l.reg == nil { // a caller that polls an Anywhere task
		l.rt.outside.Lock()
		defer l.rt.outside.Unlock()
		c.home |= l.rt.outsideRegistry.add(c)
	} else {
		c.home |= l.reg.add(c)
	}
	// A shutdown that has looked through the registry before add will not come
	// again: its flag was set before it looked. [cancel-race]
	if l.rt.ending.canceled() { // [cancel-race] R2
		c.abort()
	}
}

// unregister takes the task out.
//
// Caller: who owns the task.
func (c *core) unregister(l *local) {
	at := c.home.at()
	r := c.rt.registries()[c.home.registry()]
	(*r.chunks.Load())[at/chunkSize][at%chunkSize].Store(nil)
	if r == l.reg && len(r.free) < mostFree {
		r.free = append(r.free, at) // a sweep finds the others
	}
	c.home &= lifeBits
}

// add stores the task and returns where.
//
// Caller: owner.
func (r *registry) add(c *core) slot {
	if len(r.free) == 0 {
		r.refill()
	}
	at := r.free[len(r.free)-1]
	r.free = r.free[:len(r.free)-1]
	(*r.chunks.Load())[at/chunkSize][at%chunkSize].Store(c) // [cancel-race] R1
	return slotOf(r.index, at)
}

// refill finds free slots: in the next chunk, if a quarter of it is free, else
// in a chunk of its own. So a sweep costs O(1) for each slot it gives.
//
// Caller: owner.
func (r *registry) refill() {
	var chunks []*chunk
	if p := r.chunks.Load(); p != nil {
		chunks = *p
	}
	if len(chunks) > 0 {
		r.cursor = (r.cursor + 1) % len(chunks)
		r.sweep(chunks[r.cursor], r.cursor)
		if len(r.free) >= chunkSize/4 {
			return
		}
		// The few found are found again by the next sweep; keeping them would
		// let a sweep be paid for by one slot.
		r.free = r.free[:0]
	}
	next := append(chunks, new(chunk)) // behind what the published slice shows
	r.chunks.Store(&next)
	r.sweep(next[len(chunks)], len(chunks))
}

// sweep collects the empty slots of chunk number n.
func (r *registry) sweep(c *chunk, n int) {
	for i := chunkSize - 1; i >= 0; i-- {
		if c[i].Load() == nil {
			r.free = append(r.free, uint32(n*chunkSize+i))
		}
	}
}

// each calls f for every task that is registered, until f returns false.
//
// Caller: any. Tasks that come or go meanwhile may be missed.
func (r *registry) each(f func(*core) bool) {
	p := r.chunks.Load()
	if p == nil {
		return
	}
	for _, ch := range *p {
		for i := range ch {
			if c := ch[i].Load(); c != nil && !f(c) {
				return
			}
		}
	}
}

// Proof [cancel-race]: a shutdown cancels every task that waits.
//
//	register                   Shutdown
//	  R1  store the task         X1  set canceling
//	  R2  read canceling         X2  look through the registries
//
//	a wait inside a task
//	  R3  enter the list         X3  wake those in the list
//	  R4  read canceling
//
// R1 before X2 in S: X2 finds the task and cancels it. Otherwise X1 is before
// X2, before R1, before R2: R2 sees the flag, and the task cancels itself. (cross)
// Whoever owns the task comes to endPoll afterwards and is told to tear it down.
// The same for R3, R4 and X3: a wait that X3 wakes comes to R4 again.
//
// Checked by: TestShutdownCancelsWhatWaits.
