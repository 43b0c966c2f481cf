// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// A spawner is a task that spawns batches of others, and goes on when they are done.
type spawner struct {
	left  int
	spawn func(cx *sched.Context, i int) sched.JoinHandle[int]
	batch [1000]sched.JoinHandle[int]
	n     int
	seen  int
}

func (s *spawner) Poll(cx *sched.Context) future.Poll[int] {
	for ; s.seen < s.n; s.seen++ {
		if !s.batch[s.seen].IsFinished() {
			cx.Wake()
			return future.Wait[int]()
		}
	}
	if s.left <= 0 {
		return future.Of(0)
	}
	s.seen, s.n = 0, min(s.left, len(s.batch))
	s.left -= s.n
	for i := range s.n {
		s.batch[i] = s.spawn(cx, i)
	}
	cx.Wake()
	return future.Wait[int]()
}

type nothing struct{}

func (nothing) Poll(*sched.Context) future.Poll[int] { return future.Of(0) }

// priorityCases are runtimes and options of tasks: plain ones without and with
// Priorities, tasks of one level, of all four in turn, and with deadlines.
var priorityCases = []struct {
	name string
	off  bool
	opts func(i int) []sched.TaskOption
}{
	{"off", true, nil},
	{"on", false, nil},
	{"urgent", false, func(int) []sched.TaskOption { return []sched.TaskOption{sched.Priority(sched.Urgent)} }},
	{"low", false, func(int) []sched.TaskOption { return []sched.TaskOption{sched.Priority(sched.Low)} }},
	{"mixed", false, func(i int) []sched.TaskOption { return []sched.TaskOption{sched.Priority(levels[i%4])} }},
	{"deadline", false, func(i int) []sched.TaskOption {
		return []sched.TaskOption{sched.Due(time.Unix(0, int64(i*7919%1000)))}
	}},
}

// eachPriority runs a benchmark for each case, on one worker.
func eachPriority(b *testing.B, run func(b *testing.B, rt *sched.Runtime, opts func(i int) []sched.TaskOption)) {
	for _, c := range priorityCases {
		b.Run(c.name, func(b *testing.B) {
			opts := []sched.Option{sched.Workers(1)}
			if !c.off {
				opts = append(opts, sched.Priorities(sched.DefaultAge))
			}
			if c.opts == nil {
				c.opts = func(int) []sched.TaskOption { return nil }
			}
			rt := newRuntime(b, 1, opts...)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, rt, c.opts)
		})
	}
}

// BenchmarkPriorities spawns batches of 1000 tasks inside a task and runs them: ns for
// each task. The spawner is of the lowest level, so that it goes on after them.
func BenchmarkPriorities(b *testing.B) {
	eachPriority(b, func(b *testing.B, rt *sched.Runtime, opts func(i int) []sched.TaskOption) {
		perTask := make([][]sched.TaskOption, 4)
		for i := range perTask {
			perTask[i] = opts(i)
		}
		s := &spawner{left: b.N, spawn: func(cx *sched.Context, i int) sched.JoinHandle[int] {
			return sched.SpawnWith(cx, future.Future[int](nothing{}), perTask[i%4]...)
		}}
		_, err := sched.SpawnWith(rt, future.Future[int](s), sched.Priority(sched.Low)).Wait(testkit.Within(b))
		require.NoError(b, err)
	})
}

// BenchmarkPrioritiesYield lets 200 tasks yield, which allocates nothing: ns for each
// poll.
func BenchmarkPrioritiesYield(b *testing.B) {
	const tasks = 200
	eachPriority(b, func(b *testing.B, rt *sched.Runtime, opts func(i int) []sched.TaskOption) {
		var all [tasks]sched.JoinHandle[int]
		for i := range all {
			left := b.N/tasks + 1
			all[i] = sched.SpawnWith(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				if left--; left < 0 {
					return future.Of(0)
				}
				cx.Wake()
				return future.Wait[int]()
			}), opts(i)...)
		}
		for _, h := range all {
			_, err := h.Wait(testkit.Within(b))
			require.NoError(b, err)
		}
	})
}

// BenchmarkLongestWait keeps all workers busy with urgent tasks that compute for 10 us
// a poll and yield, and measures how long Low tasks wait, spawned one after the other
// inside and from outside in turn: the longest and the mean, in polls of all workers
// meanwhile and in us, for each age. The bound for one worker is age+8 polls; the time
// has in it what the machine does besides.
func BenchmarkLongestWait(b *testing.B) {
	for _, workers := range []int{1, 2} {
		for _, age := range []int{8, sched.DefaultAge, 128} {
			b.Run(fmt.Sprintf("workers=%d/age=%d", workers, age), func(b *testing.B) {
				rt := newRuntime(b, workers, sched.Priorities(age))
				m := &waitMeter{b: b, rt: rt, left: b.N}
				for range 8 * workers {
					sched.SpawnWith(rt, future.FromFunc(m.busy), sched.Priority(sched.Urgent))
				}
				done := m.done.Future()
				m.spawn(rt)
				_, err := future.Block(testkit.Within(b), done)
				require.NoError(b, err)
				b.ReportMetric(float64(m.longest), "longest-polls")
				b.ReportMetric(float64(m.sum)/float64(b.N), "mean-polls")
				b.ReportMetric(float64(age+8), "bound-polls")
				b.ReportMetric(float64(m.longestTime.Nanoseconds())/1e3, "longest-us")
				b.ReportMetric(float64(m.sumTime.Nanoseconds())/1e3/float64(b.N), "mean-us")
			})
		}
	}
}

// A waitMeter spawns Low tasks, each when the one before has run.
type waitMeter struct {
	b    *testing.B
	rt   *sched.Runtime
	left int
	done future.Promise[int]

	// polls counts those of the urgent tasks; stop ends them.
	// Writers: any task.
	polls point.Int64
	stop  point.Bool

	longest, sum         int64
	longestTime, sumTime time.Duration
}

func (m *waitMeter) busy(cx *sched.Context) future.Poll[int] {
	m.polls.Inc()
	if m.stop.Load() {
		return future.Of(0)
	}
	for end := time.Now().Add(10 * time.Microsecond); time.Now().Before(end); {
	}
	cx.Wake()
	return future.Wait[int]()
}

func (m *waitMeter) spawn(at sched.Spawner) {
	start, polls := time.Now(), m.polls.Load()
	sched.GoWith(at, func(cx *sched.Context) (int, error) {
		waited, meanwhile := time.Since(start), m.polls.Load()-polls
		m.longestTime, m.sumTime = max(m.longestTime, waited), m.sumTime+waited
		m.longest, m.sum = max(m.longest, meanwhile), m.sum+meanwhile
		if m.left--; m.left == 0 {
			m.stop.Store(true)
			m.done.Resolve(0)
		} else if m.left%2 == 0 {
			m.spawn(cx)
		} else {
			m.spawn(m.rt)
		}
		return 0, nil
	}, sched.Priority(sched.Low))
}
