// SPDX-License-Identifier: Apache-2.0

package wheel

import "github.com/pilfer-go/pilfer/internal/invariant"

// An item is the place of an entry in a chunk. An entry that was removed leaves an
// empty one.
type item[T any] struct {
	tick  uint64
	entry *Entry[T] // nil if it was removed or taken
}

// A chunk holds some of the entries of a list, in the order in which they came.
type chunk[T any] struct {
	list       *list[T]
	next, prev *chunk[T]
	used       uint16 // items in use, empty ones included
	live       uint16 // items that are not empty; not 0 in a list
	items      []item[T]
}

// A list holds the entries of a slot. It is an array in pieces, and not a chain of
// the entries: a million entries lie all over the memory, and to walk from one to the
// next would be to wait for the memory each time. So entries move down without being
// read, and to remove one touches none but itself.
//
// A list that is in a slot, or due, is not empty, unless entries of the slot were
// moved ahead.
type list[T any] struct {
	first, last *chunk[T]
	count       int
	ahead       bool // not in its slot yet, but in that of the level above
	level, slot uint8
	next        uint16 // the first item of the first chunk that was not taken
}

const (
	smallChunk = 5  // with its items 144 bytes
	largeChunk = 62 // about 1 KB
)

// add puts e behind the others.
func (l *list[T]) add(f *free[T], e *Entry[T], tick uint64) {
	c := l.last
	if c == nil || int(c.used) == len(c.items) {
		c = f.chunk(c != nil)
		c.list, c.prev = l, l.last
		if l.last != nil {
			l.last.next = c
		} else {
			l.first = c
		}
		l.last = c
	}
	c.items[c.used] = item[T]{tick, e}
	e.in, e.index = c, c.used
	c.used++
	c.live++
	l.count++
}

// take returns the first entry, and leaves it to the caller to say where it is.
func (l *list[T]) take(f *free[T]) (e *Entry[T], tick uint64) {
	c := l.first
	for c.items[l.next].entry == nil {
		l.next++
	}
	i := &c.items[l.next]
	e, tick = i.entry, i.tick
	i.entry = nil
	l.next++
	l.shrink(f, c)
	return e, tick
}

// remove takes e out.
func (l *list[T]) remove(f *free[T], e *Entry[T]) {
	c := e.in
	c.items[e.index].entry = nil
	if e.index == c.used-1 {
		c.used--
	}
	e.in = nil
	l.shrink(f, c)
}

// shrink counts one entry of c less, and takes an empty chunk out of the list.
func (l *list[T]) shrink(f *free[T], c *chunk[T]) {
	l.count--
	if c.live--; c.live > 0 {
		return
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		l.first, l.next = c.next, 0
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		l.last = c.prev
	}
	f.keepChunk(c)
}

// lone returns the tick of the only entry, if there is one only.
func (l *list[T]) lone() (tick uint64, lone bool) {
	if l.count != 1 {
		return 0, false
	}
	for _, i := range l.first.items[:l.first.used] {
		if i.entry != nil {
			return i.tick, true
		}
	}
	return 0, false
}

// free keeps what lists are made of for use again, a bounded number.
type free[T any] struct {
	small, large *chunk[T] // by next
	lists        []*list[T]
	kept         [2]int // how many small and large ones
}

// keepMost is how many of each are kept: 64 KB of large chunks.
const keepMost = 64

func (f *free[T]) list() *list[T] {
	last := len(f.lists) - 1
	if last < 0 {
		return new(list[T])
	}
	l := f.lists[last]
	f.lists = f.lists[:last]
	return l
}

// keepList keeps an empty list.
func (f *free[T]) keepList(l *list[T]) {
	if invariant.Enabled {
		invariant.Check(l.first == nil && l.last == nil && l.count == 0, "wheel: a list that is not empty is given back")
	}
	if len(f.lists) < keepMost {
		l.ahead, l.next = false, 0 // add and link set the rest; to clear all takes write barriers
		f.lists = append(f.lists, l)
	}
}

// of returns where chunks are kept, and their number.
func (f *free[T]) of(large bool) (**chunk[T], *int) {
	if large {
		return &f.large, &f.kept[1]
	}
	return &f.small, &f.kept[0]
}

func (f *free[T]) chunk(large bool) *chunk[T] {
	from, n := f.of(large)
	if c := *from; c != nil {
		*from = c.next
		*n--
		c.next = nil
		return c
	}
	if large {
		return &chunk[T]{items: make([]item[T], largeChunk)}
	}
	return &chunk[T]{items: make([]item[T], smallChunk)}
}

// keepChunk keeps an empty chunk: all of its items are.
func (f *free[T]) keepChunk(c *chunk[T]) {
	to, n := f.of(len(c.items) == largeChunk)
	c.list, c.prev, c.next, c.used = nil, nil, nil, 0
	if *n < keepMost {
		c.next = *to
		*to = c
		*n++
	}
}
