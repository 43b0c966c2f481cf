// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"math/rand/v2"
	"sync"
)

// A twin is the slow, obviously right rival of all three structures: the oracle
// of the fuzz tests and the baseline of the benchmarks.
type twin struct {
	mu   sync.Mutex
	jobs []*int
}

func (q *twin) push(jobs ...*int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, jobs...)
}

func (q *twin) oldest() *int {
	if jobs := q.take(1); len(jobs) > 0 {
		return jobs[0]
	}
	return nil
}

func (q *twin) newest() *int {
	q.mu.Lock()
	defer q.mu.Unlock()
	last := len(q.jobs) - 1
	if last < 0 {
		return nil
	}
	job := q.jobs[last]
	q.jobs = q.jobs[:last]
	return job
}

// take removes up to n of the oldest jobs.
func (q *twin) take(n int) []*int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, len(q.jobs))
	jobs := q.jobs[:n:n]
	q.jobs = q.jobs[n:]
	return jobs
}

func (q *twin) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.jobs)
}

// shards is the refused design of the injector: short locks that nobody waits
// for. It keeps no order between the shards, so not even that of one producer.
type shards struct {
	parts [4]struct {
		twin
		_ [64]byte
	}
}

func (s *shards) push(job *int) {
	for i := rand.Uint32(); ; i++ {
		part := &s.parts[i%4]
		if part.mu.TryLock() {
			part.jobs = append(part.jobs, job)
			part.mu.Unlock()
			return
		}
	}
}

func (s *shards) pop() *int {
	for i, from := range [4]uint32{0: rand.Uint32()} {
		part := &s.parts[(from+uint32(i))%4]
		if !part.mu.TryLock() {
			continue
		}
		var job *int
		if len(part.jobs) > 0 {
			job = part.jobs[0]
			part.jobs = part.jobs[1:]
		}
		part.mu.Unlock()
		if job != nil {
			return job
		}
	}
	return nil
}
