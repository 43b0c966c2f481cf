// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/internal/point"

// A waitList holds the waits inside tasks of one place, for a shutdown to end
// them. They come and go mostly as on a stack, but a guest that steps out of its
// place may end its wait before that of a task which ran there meanwhile.
type waitList struct {
	mu     point.Mutex
	newest *awaiter // holding mu
}

// looksBelow bounds how many waits add looks at: a recursion that waits at each level
// must not pay for all of them at each.
const looksBelow = 16

// add puts a wait in, for task of if that is not nil. It reports whether the task
// waits on the same goroutine: then it goes on no sooner than the wait returns. It
// misses one that is far below.
//
// Caller: any.
func (s *waitList) add(a *awaiter, of *core) (inVain bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of != nil && a.goroutine != 0 {
		for b, n := s.newest, 0; b != nil && n < looksBelow; b, n = b.older, n+1 {
			if b.goroutine == a.goroutine && of.isPolled(b.outer) {
				inVain = true
				break
			}
		}
	}
	a.older = s.newest
	if a.older != nil {
		a.older.newer = a
	}
	s.newest = a
	return inVain
}

// remove takes a wait out.
//
// Caller: any, once for each add.
func (s *waitList) remove(a *awaiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.newer != nil {
		a.newer.older = a.older
	} else {
		s.newest = a.older
	}
	if a.older != nil {
		a.older.newer = a.newer
	}
	a.older, a.newer = nil, nil
}

// len returns how many waits there are.
//
// Caller: any.
func (s *waitList) len() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := s.newest; a != nil; a = a.older {
		n++
	}
	return n
}

// wakeAll wakes every wait that is in the list.
//
// Caller: any.
func (s *waitList) wakeAll() {
	s.mu.Lock()
	var all []*awaiter
	for a := s.newest; a != nil; a = a.older {
		all = append(all, a)
	}
	s.mu.Unlock()
	for _, a := range all {
		a.WakeBy(nil) // one that has ended since is woken for nothing
	}
}
