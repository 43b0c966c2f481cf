// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"unsafe"
)

// A plain is what the engine knows of plain memory that threads pass on to each
// other. No steps are made of its accesses: whether two are in order is the same in
// all runs that differ by steps that commute, and so one look at the clocks is
// enough.
type plain struct {
	writer int // the thread that wrote last, or -1
	wrote  uint16
	read   clock // when each thread read last, plus one
}

// Reads tells the explorer that the caller reads plain memory at p. A run in which
// nothing orders it after the last write fails.
//
// Caller: any.
func Reads[T any](p *T) {
	if e := here(); e != nil {
		e.touch(unsafe.Pointer(p), false)
	}
}

// Writes tells the explorer that the caller writes plain memory at p. A run in which
// nothing orders it after the last write and all reads fails.
//
// Caller: any.
func Writes[T any](p *T) {
	if e := here(); e != nil {
		e.touch(unsafe.Pointer(p), true)
	}
}

func (e *engine) touch(p unsafe.Pointer, write bool) {
	t := e.running
	if e.aborting {
		return
	}
	m := e.plains[p]
	if m == nil {
		m = &plain{writer: -1}
		if e.plains == nil {
			e.plains = map[unsafe.Pointer]*plain{}
		}
		e.plains[p] = m // keeps the memory from being used for something else
	}
	if e.trace != nil {
		what := "reads plain memory"
		if write {
			what = "writes plain memory"
		}
		e.trace.note(t, what)
	}
	// An access comes after so many events of its thread, and before the next. So
	// another thread is ordered after it only if it knows of that next one.
	if m.writer >= 0 && m.writer != t.id && t.clock[m.writer] <= m.wrote {
		e.race(t, e.threads[m.writer], "wrote", write)
	}
	now := t.clock[t.id]
	if !write {
		m.read[t.id] = now + 1
		return
	}
	for i := range e.threads {
		if r := m.read[i]; i != t.id && r != 0 && t.clock[i] <= r-1 {
			e.race(t, e.threads[i], "read", write)
		}
	}
	m.writer, m.wrote, m.read = t.id, now, clock{}
}

// race ends the run.
func (e *engine) race(t, other *vthread, did string, write bool) {
	does := "reads"
	if write {
		does = "writes"
	}
	e.fail("data race", fmt.Sprintf("%s %s plain memory that %s %s, and nothing orders the two", t.name, does, other.name, did))
	panic(abort{})
}
