// SPDX-License-Identifier: Apache-2.0

package sched

// Tracked returns how many tasks are kept track of.
func (r *RoundRobin) Tracked() int {
	k := r.rt.tracker
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.live)
}

// Parked returns how many workers sleep.
func (rt *Runtime) Parked() int { return rt.pool.Parked() }

// Active returns how many tasks the scope waits for.
func (s *TaskScope) Active() int {
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	return s.group.active
}
