// SPDX-License-Identifier: Apache-2.0

package future

// An Unordered is a set of futures that go on together in one task. It yields
// their answers as they come. Futures may be added at any time, so it is also a
// way to have many tasks in one.
//
// It is a stream: PollNext fails with [ErrEnd] while the set is empty. An error of
// a future is the answer of that future only. The zero Unordered is not usable;
// see [NewUnordered].
type Unordered[T any] struct {
	set   *readySet // nil once it was dropped
	nodes []node[T]
	free  []int32 // places in nodes
	size  int
}

// A node is the place of one future.
type node[T any] struct {
	f Future[T] // nil if the place is free
	m *member   // its waker; of another future once the place was used again
}

// NewUnordered returns a set of fs.
//
// Caller: any.
func NewUnordered[T any](fs ...Future[T]) *Unordered[T] {
	u := &Unordered[T]{set: newReadySet(0)}
	for _, f := range fs {
		u.Push(f)
	}
	return u
}

// Push adds f. It is polled by the next PollNext.
//
// Caller: owner.
func (u *Unordered[T]) Push(f Future[T]) {
	refuseNil(f, "Unordered.Push")
	if u.set == nil {
		ended("Unordered")
	}
	var i int32
	if n := len(u.free); n > 0 {
		i = u.free[n-1]
		u.free = u.free[:n-1]
	} else {
		i = int32(len(u.nodes))
		u.nodes = append(u.nodes, node[T]{})
	}
	// A member is never used again: a waker of it may be anywhere.
	m := &member{set: u.set, index: i}
	m.queued.Store(true)
	u.nodes[i] = node[T]{f, m}
	u.set.link(m)
	u.size++
}

// Len returns how many futures have not been ready.
//
// Caller: owner.
func (u *Unordered[T]) Len() int { return u.size }

// PollNext is ready with the answer of a future that was ready, which leaves the
// set. It polls those that were woken, and fails with [ErrEnd] if there is none at
// all.
//
// Caller: owner.
func (u *Unordered[T]) PollNext(cx *Context) Poll[T] {
	s := u.set
	if s == nil {
		ended("Unordered")
	}
	if u.size == 0 {
		return Fail[T](ErrEnd)
	}
	s.begin(cx)
	for m := s.next(cx); m != nil; m = s.next(cx) {
		at := &u.nodes[m.index]
		if at.m != m || at.f == nil {
			continue // its waker outlived it
		}
		p := at.f.Poll(s.enter(cx, m))
		s.leave(cx, m, p.Ready)
		if p.Ready {
			*at = node[T]{}
			u.free = append(u.free, m.index)
			u.size--
			return p
		}
	}
	s.finish(cx)
	return Poll[T]{}
}

// Drop drops all futures that are left.
//
// Caller: owner.
func (u *Unordered[T]) Drop() {
	s, nodes := u.set, u.nodes
	*u = Unordered[T]{}
	if s != nil {
		s.close()
	}
	for i := range nodes {
		f := nodes[i].f
		nodes[i].f = nil
		Drop(f)
	}
}

// An Ordered is an [Unordered] that yields the answers in the order in which the
// futures were added. They go on together all the same; an answer that comes early
// waits for its turn. Make one with [NewOrdered].
type Ordered[T any] struct {
	set    *Unordered[numbered[T]]
	early  map[uint64]Poll[T] // answers before their turn
	next   uint64             // whose turn it is
	pushed uint64
}

// A numbered is an answer with its place in the order.
type numbered[T any] struct {
	n uint64
	p Poll[T]
}

// NewOrdered returns a set of fs.
//
// Caller: any.
func NewOrdered[T any](fs ...Future[T]) *Ordered[T] {
	o := &Ordered[T]{set: NewUnordered[numbered[T]](), early: map[uint64]Poll[T]{}}
	for _, f := range fs {
		o.Push(f)
	}
	return o
}

// Push adds f behind the others.
//
// Caller: owner.
func (o *Ordered[T]) Push(f Future[T]) {
	refuseNil(f, "Ordered.Push")
	n := o.pushed
	o.pushed++
	o.set.Push(Map(Future[Poll[T]](&answering[T]{f}), func(p Poll[T]) numbered[T] { return numbered[T]{n, p} }))
}

// Len returns how many answers have not been taken.
//
// Caller: owner.
func (o *Ordered[T]) Len() int { return int(o.pushed - o.next) }

// PollNext is ready with the next answer in order. It fails with [ErrEnd] if all
// were taken.
//
// Caller: owner.
func (o *Ordered[T]) PollNext(cx *Context) Poll[T] {
	for {
		if p, ok := o.early[o.next]; ok {
			delete(o.early, o.next)
			o.next++
			return p
		}
		p := o.set.PollNext(cx)
		switch {
		case !p.Ready:
			return Poll[T]{}
		case p.Err != nil:
			return Fail[T](p.Err) // the end
		}
		o.early[p.Value.n] = p.Value.p
	}
}

// Drop drops all futures that are left.
//
// Caller: owner.
func (o *Ordered[T]) Drop() {
	clear(o.early)
	o.next = o.pushed
	o.set.Drop()
}
