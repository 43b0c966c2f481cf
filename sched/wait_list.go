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

// add puts a wait in.
//
// Caller: any.
func (s *waitList) add(a *awaiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.older = s.newest
	if a.older != nil {
		a.older.newer = a
	}
	s.newest = a
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
