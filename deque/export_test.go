// SPDX-License-Identifier: Apache-2.0

package deque

import "math"

// NewQueueNearWrap returns a queue whose places wrap after n pushes.
func NewQueueNearWrap[T any](capacity, n int) *Queue[T] {
	q := NewQueue[T](capacity)
	p := place(0).plus(-n)
	q.head.Store(uint64(p))
	q.tail.Store(uint64(p))
	q.bottom, q.limit = p, p.plus(len(q.slots))
	return q
}

// NewDequeNearWrap returns a deque whose indexes wrap after n pushes.
func NewDequeNearWrap[T any](capacity, n int) *Deque[T] {
	d := NewDeque[T](capacity)
	i := int64(math.MaxInt64) - int64(n) + 1
	d.top.Store(i)
	d.bottom.Store(i)
	d.next, d.swept, d.high, d.limit = i, i, i, i+int64(len(d.slots))
	return d
}

// Stop opens a session as a thief does that is stopped in the middle of a steal.
func (t QueueThief[T]) Stop() { t.q.thief.Store(t.q.thief.Load() | uint64(sessionOpen)) }

// Slots returns the size of the ring.
func (q *Queue[T]) Slots() int { return len(q.slots) }

// Slots returns the size of the ring.
func (d *Deque[T]) Slots() int { return len(d.slots) }

// Reserve takes a slot as a producer does that is stopped in the middle of a push.
func (q *Injector[T]) Reserve(n int) { q.tail.Load().reserved.Add(uint64(n)) }
