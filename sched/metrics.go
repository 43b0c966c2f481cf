// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/workers"

// Metrics is a snapshot of what a runtime has done. Counts of workers that
// sleep are exact; those of a busy worker may lag by one task or 10 ms, see
// [workers.Pool.Stats].
type Metrics struct {
	Started   uint64 // tasks polled at least once
	Completed uint64 // tasks done, for whatever reason
	Polls     uint64 // polls
	Steals    uint64 // thefts that succeeded
	Parks     uint64 // times a worker went to sleep
	Wakes     uint64 // times a worker woke another
	Injected  int    // tasks that wait in the injector
	Queued    int    // tasks that wait in the workers' queues
	Blocking  int    // blocking functions that run or wait to run
	Timers    int    // timers that are armed
	Workers   []workers.WorkerStats
}

// Metrics returns a snapshot. It disturbs no worker, and costs some 50 ns for
// each.
//
// Caller: any.
func (rt *Runtime) Metrics() Metrics {
	m := Metrics{
		Injected: rt.pool.InjectorLen(),
		Blocking: rt.blockers.len(),
		Workers:  rt.pool.Stats(),
	}
	for _, w := range m.Workers {
		m.Steals += w.Steals
		m.Parks += w.Parks
		m.Wakes += w.Wakes
		m.Queued += w.Queued
	}
	for _, r := range rt.registries() {
		m.Started += r.counts.started.Load()
		m.Completed += r.counts.completed.Load()
		m.Polls += r.counts.polls.Load()
		m.Timers += r.timers.Len()
	}
	return m
}
