// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/future"

// A StaticTask is the handle of a task of a [Static]. It may be copied.
type StaticTask[T any] struct {
	slot *staticSlot[T]
	turn uint32
}

// checked returns the task's slot, if it is still the task's.
func (t StaticTask[T]) checked() *staticSlot[T] {
	if t.slot.turn != t.turn {
		panic("pilfer: a StaticTask is used after its result was taken or given up: its slot is another task's")
	}
	return t.slot
}

// Done reports whether the task is done.
//
// Caller: owner.
func (t StaticTask[T]) Done() bool { return t.checked().result.Ready }

// Take returns the result and frees the slot, if the task is done; else a Poll that
// is not ready. Afterwards the handle must not be used.
//
// Caller: owner.
func (t StaticTask[T]) Take() future.Poll[T] {
	at := t.checked()
	p := at.result
	if p.Ready {
		at.empty()
	}
	return p
}

// Release says that nobody wants the result: the slot is free as soon as the task is
// done. Afterwards the handle must not be used.
//
// Caller: owner.
func (t StaticTask[T]) Release() {
	at := t.checked()
	if at.result.Ready {
		at.empty()
		return
	}
	at.alone = true
}

// Abort drops the task's future, unless it is done. The result is [ErrCanceled] then.
//
// Caller: owner, inside the task too.
func (t StaticTask[T]) Abort() {
	at := t.checked()
	if f := at.future; f != nil {
		at.future = nil
		at.finish(future.Poll[T]{Err: ErrCanceled, Ready: true})
		future.Drop(f)
	}
}
