// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestOrderOfNoKindIsRefused(t *testing.T) {
	_, err := New(InOrder(LIFO + 1))
	require.EqualError(t, err, "pilfer: option InOrder: got Order(3), want RunNext, FIFO or LIFO")
	require.Equal(t, "[run-next FIFO LIFO]", fmt.Sprint([]Order{RunNext, FIFO, LIFO}))
}

func TestOrders(t *testing.T) {
	for _, c := range []struct {
		order Order
		want  string
	}{
		{RunNext, "[next 1 2 3 yielded]"},
		{FIFO, "[1 2 3 yielded next]"},
		{LIFO, "[next yielded 3 2 1]"},
	} {
		got := inOrderThen(t, []Option{InOrder(c.order)}, func(w *Worker, note func(any) *Job) {
			for i := range 3 {
				w.Push(note(i + 1))
			}
			w.PushYielded(note("yielded"))
			w.PushNext(note("next"))
		}, 5)
		require.Equal(t, c.want, fmt.Sprint(got), "%v", c.order)
	}
}

// inOrderThen is inOrder for jobs whose number is known.
func inOrderThen(t *testing.T, opts []Option, f func(w *Worker, note func(what any) *Job), jobs int) []any {
	t.Helper()
	p := newPool(t, 1, opts...)
	var ran []any
	done := make(chan struct{})
	p.Submit(do(func(w *Worker) {
		f(w, func(what any) *Job {
			return do(func(*Worker) {
				if ran = append(ran, what); len(ran) == jobs {
					close(done)
				}
			})
		})
	}))
	testkit.Receive(t, done, "the last job")
	return ran
}

// TestYieldedJobLetsTheOldestGoFirst, in LIFO order too, where it would be the newest.
func TestYieldedJobLetsTheOldestGoFirst(t *testing.T) {
	for _, o := range []Order{RunNext, FIFO, LIFO} {
		got := inOrderThen(t, []Option{InOrder(o)}, func(w *Worker, note func(any) *Job) {
			w.Push(note("first"))
			w.PushYielded(note("yielded"))
		}, 2)
		require.Equal(t, "[first yielded]", fmt.Sprint(got), "%v", o)
	}
}

// TestNoOrderStarves: a job that pushes itself for ever, in each way, lets an older
// one and one from outside run.
func TestNoOrderStarves(t *testing.T) {
	for _, o := range []Order{RunNext, FIFO, LIFO} {
		for name, push := range map[string]func(*Worker, *Job){
			"Push": (*Worker).Push, "PushNext": (*Worker).PushNext, "PushYielded": (*Worker).PushYielded,
		} {
			t.Run(fmt.Sprint(o, "/", name), func(t *testing.T) {
				p := newPool(t, 1, InOrder(o))
				var left point.Int32
				left.Store(2)
				n := 0
				done := make(chan struct{})
				var again *Job
				again = do(func(w *Worker) {
					if n++; left.Load() == 0 || n == 10_000 {
						close(done)
						return
					}
					push(w, again)
				})
				other := func() *Job { return do(func(*Worker) { left.Dec() }) }
				p.Submit(do(func(w *Worker) {
					w.Push(other())
					p.Submit(other())
					push(w, again)
				}))
				testkit.Receive(t, done, "the end")
				require.Zero(t, left.Load())
				require.LessOrEqual(t, n, 2*(maxLIFO+2))
			})
		}
	}
}

// TestStealOneTakesOne: with the option each theft brings one job.
func TestStealOneTakesOne(t *testing.T) {
	testkit.Stress(t, 20*time.Millisecond, func(*rand.Rand) {
		const jobs = 64
		p := newPool(t, 2, StealOne())
		var left point.Int32
		left.Store(jobs)
		done := make(chan struct{})
		p.Submit(do(func(w *Worker) {
			for range jobs {
				w.Push(do(func(*Worker) {
					if left.Dec() == 0 {
						close(done)
					}
				}))
			}
			for left.Load() > jobs/2 { // until thieves have run half
				runtime.Gosched()
			}
		}))
		testkit.Receive(t, done, "all jobs")
		closePool(t, p)
		var steals, stolen uint64
		for _, s := range p.Stats() {
			steals, stolen = steals+s.Steals, stolen+s.Stolen
		}
		require.Equal(t, steals, stolen)
		require.GreaterOrEqual(t, stolen, uint64(jobs/2))
	})
}
