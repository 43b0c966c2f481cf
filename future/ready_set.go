// SPDX-License-Identifier: Apache-2.0

package future

import (
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// few is up to how many children a combinator polls all that are not ready,
// whoever woke it. A child of a larger one has a waker of its own, which costs 32
// bytes, and three atomic steps for each wake. BenchmarkJoinAll compares the two,
// for children that are woken one by one, where polling all does worst.
const few = min(8, point.Most-1)

// A readySet knows which children of a combinator are to be polled. Each child
// has a member, which is the target of its waker: a wake puts it into the queue
// and passes on to the combinator's task. So a wake costs the same however many
// children there are, and a poll looks at those that were woken only.
type readySet struct {
	// cell holds the waker of the combinator's task.
	cell waker.Cell

	// woken is the members that were woken since the last poll, newest first,
	// linked by next.
	// Writers: any, by compare-and-swap; who polls takes all by a swap.
	// Invariant: a member in it is queued.
	woken point.Pointer[member]

	// The rest belongs to who polls.
	members     []member
	first, last *member // to be polled, by next; last is valid if first is not nil
	cx          waker.Context
	holders     int // children that may hold their waker
}

// A member is one child's place.
type member struct {
	set *readySet // set before the member is shared

	// next links woken, then the list of those to be polled. Plain: owned by
	// who set queued until the member is in woken (publish), then by who polls.
	next *member

	// queued says that the child will be polled: the member is in woken, or on
	// its way there, or in the list.
	// Writers: any, to true; who polls, to false. Invariant: true whenever the
	// member is linked.
	queued point.Bool

	holds bool  // the child may hold its waker; who polls only
	index int32 // which child it is; set before the member is shared
}

// newReadySet returns a set of n children, all of them to be polled.
func newReadySet(n int) *readySet {
	s := &readySet{members: make([]member, n)}
	s.cx.DeferWakes() // poll looks at Again
	for i := range s.members {
		m := &s.members[i]
		m.set, m.index = s, int32(i)
		m.queued.Store(true)
		s.link(m)
	}
	return s
}

// Proof [ready-race]: a child that was woken is polled.
//
//	wake                              poll
//	  W1  queued to true                P1  register the task's waker
//	  W2  push onto woken               P2  take all of woken
//	  W3  wake the task                 P3  queued to false
//	                                    P4  poll the child
//
// The wake that finds queued true leaves the poll to whom owes it already: P3 is
// after W1, so P4 is after the change that the wake tells of. (cross) Otherwise
// it pushes. W2 before P2 in S: this poll takes it. Otherwise P1, P2, W2, W3: W3
// finds the task's waker, or a wake took it after P1 and causes a poll whose P2
// is after W2. (cross; [cell-race] is the rest)
//
// A child that asks for another poll inside its own is pushed by leave, which does
// W3 through the Context; those that the budget left in the list have the wake
// that next did.
//
// Checked by: TestStressReadySet, TestWakeWhileRegistering, TestPushBeforeWake,
// FuzzManyAgainstTwin.

// WakeBy puts the child among those to be polled and wakes the combinator's task.
// If another child has woken it since its last poll, that is one load.
//
// Caller: any.
func (m *member) WakeBy(from waker.Local) {
	// The load keeps wakes of a child that is queued from writing.
	if m.queued.Load() || m.queued.Swap(true) { // [ready-race] W1 elect
		return
	}
	m.set.push(m)
	m.set.cell.WakeBy(from) // [ready-race] W3
}

// push puts m, whose queued the caller has set, onto woken. The caller then wakes
// the task.
//
// Caller: any.
func (s *readySet) push(m *member) {
	for {
		top := s.woken.Load()
		if point.Explored {
			point.Writes(&m.next)
		}
		m.next = top
		if s.woken.CompareAndSwap(top, m) { // [ready-race] W2 publish: next
			return
		}
	}
}

// begin starts a poll: it collects the members that were woken.
func (s *readySet) begin(cx *Context) {
	// Only if a child waits does the task's waker count as taken: see finish.
	taken := cx.Taken()
	s.cell.Register(cx) // [ready-race] P1
	cx.SetTaken(taken)

	// The newest comes first: turn them round, as who was woken first is
	// polled first.
	var oldest *member
	for m := s.woken.Swap(nil); m != nil; { // [ready-race] P2
		next := m.next
		m.next = oldest
		oldest, m = m, next
	}
	for m := oldest; m != nil; {
		next := m.next
		s.link(m)
		m = next
	}
}

// next returns the next child to poll, to go through enter and leave. It returns
// nil if there is none, or if the budget is used up; then the task is polled
// again, and goes on where it stopped: to try the others would be in vain, and
// to try them at every poll would take n*n steps in all.
func (s *readySet) next(cx *Context) *member {
	m := s.first
	if m == nil {
		return nil
	}
	if cx.Budget() == 0 {
		cx.Wake()
		return nil
	}
	if point.Explored {
		point.Writes(&m.next)
	}
	s.first = m.next
	m.next = nil
	m.queued.Store(false) // [ready-race] P3 from here on a wake owns next
	return m
}

// enter returns the Context for the child's poll. [ready-race] P4
func (s *readySet) enter(cx *Context, m *member) *Context {
	s.cx.Borrow(cx, waker.New(m))
	return &s.cx
}

// leave follows the child's poll.
func (s *readySet) leave(cx *Context, m *member, ready bool) {
	s.cx.Repay(cx)
	holds := s.cx.Taken() && !ready
	if holds != m.holds {
		m.holds = holds
		if holds {
			s.holders++
		} else {
			s.holders--
		}
	}
	if s.cx.Again() && !ready {
		// For the next poll, not for this one: the others come first.
		if !m.queued.Swap(true) { // [ready-race] W1
			s.push(m)
		}
		cx.Wake() // [ready-race] W3
	}
}

// finish ends a poll that is not the last.
func (s *readySet) finish(cx *Context) {
	if s.holders > 0 {
		cx.SetTaken(true)
	}
}

// close gives back the task's waker. A child's waker that is left somewhere then
// wakes nobody.
func (s *readySet) close() {
	s.first, s.last = nil, nil
	w := s.cell.Take()
	w.Drop()
}

// link puts m behind those to be polled.
func (s *readySet) link(m *member) {
	if s.first == nil {
		s.first = m
	} else {
		s.last.next = m
	}
	s.last = m
}
