// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

var allLevels = []Level{Urgent, High, Normal, Low}

func TestLevelsRefuseSenselessAges(t *testing.T) {
	for _, age := range []int{-1, 0, 1, maxAge + 1} {
		_, err := New(Count(1), Levels(age))
		require.EqualError(t, err, fmt.Sprintf("pilfer: option Levels: got %d, want 2 to %d", age, maxAge))
	}
}

func TestLevelNames(t *testing.T) {
	require.Equal(t, "[urgent high normal low]", fmt.Sprint(allLevels))
	require.Equal(t, "Level(7)", Level(7).String())
}

// inOrder runs f in a job of a pool with one worker, and returns what the jobs that
// it pushed called note with, in order.
func inOrder(t *testing.T, opts []Option, f func(w *Worker, note func(what any) *Job)) []any {
	t.Helper()
	p := newPool(t, 1, opts...)
	var ran []any
	done := make(chan struct{})
	p.Submit(do(func(w *Worker) {
		f(w, func(what any) *Job { return do(func(*Worker) { ran = append(ran, what) }) })
		w.PushAt(Low, do(func(*Worker) { close(done) }))
	}))
	testkit.Receive(t, done, "the last job of its own")
	closePool(t, p) // others may follow that came from outside
	return ran
}

func TestHigherLevelRunsFirst(t *testing.T) {
	var want []any
	for _, l := range allLevels {
		for i := range 3 {
			want = append(want, fmt.Sprint(l, i))
		}
	}
	got := inOrder(t, []Option{Levels(100)}, func(w *Worker, note func(any) *Job) {
		for i := range 3 {
			for _, l := range []Level{Low, High, Normal, Urgent} {
				w.PushAt(l, note(fmt.Sprint(l, i)))
			}
		}
	})
	require.Equal(t, want, got)
}

func TestWithoutLevelsAllAreNormal(t *testing.T) {
	got := inOrder(t, nil, func(w *Worker, note func(any) *Job) {
		require.False(t, w.Pool().HasLevels())
		w.PushAt(Low, note("low"))
		w.PushYieldedAt(Low, note("yielded"))
		w.Push(note("normal"))
		w.PushAt(Urgent, note("urgent"))
	})
	require.Equal(t, []any{"low", "yielded", "normal", "urgent"}, got)
}

func TestUrgentFromOutsideIsNext(t *testing.T) {
	got := inOrder(t, []Option{Levels(1000)}, func(w *Worker, note func(any) *Job) {
		w.PushNext(note("next"))
		w.PushAt(High, note("high"))
		w.Pool().SubmitAt(Low, note("low"))
		w.Pool().SubmitAt(High, note("high, outside"))
		w.Pool().SubmitAt(Urgent, note("urgent, outside"))
		w.Pool().SubmitDue(7, note("due"))
	})
	require.Equal(t, []any{"urgent, outside", "high", "high, outside", "due", "next"}, got[:5])
}

// TestNoLevelStarves: a job that keeps its worker busy with one level for ever lets
// a job of every other level, queued inside or outside, run within the bound.
func TestNoLevelStarves(t *testing.T) {
	for _, busy := range allLevels {
		for _, late := range allLevels {
			for _, age := range []int{2, 5, 32, 200} {
				for _, outside := range []bool{false, true} {
					t.Run(fmt.Sprintf("%v/%v/age=%d/outside=%v", busy, late, age, outside), func(t *testing.T) {
						waited := starve(t, busy, late, age, outside)
						require.LessOrEqual(t, waited, age+8)
					})
				}
			}
		}
	}
}

// starve returns how many jobs of level busy ran before one of level late.
func starve(t *testing.T, busy, late Level, age int, outside bool) int {
	p := newPool(t, 1, Levels(age))
	n, stop := 0, false
	done := make(chan struct{})
	var again *Job
	again = do(func(w *Worker) {
		if n++; !stop && n < 100_000 {
			w.PushAt(busy, again)
		} else {
			close(done)
		}
	})
	waited := 0
	p.Submit(do(func(w *Worker) {
		w.PushAt(busy, again)
		j := do(func(*Worker) { stop, waited = true, n })
		if outside {
			p.SubmitAt(late, j)
		} else {
			w.PushAt(late, j)
		}
	}))
	testkit.Receive(t, done, "the end")
	require.True(t, stop, "the job of level %v never ran", late)
	return waited
}

// TestJobBehindLongJobIsTaken: a worker that is busy with Normal jobs takes one of
// another level that lies behind another worker's long job.
func TestJobBehindLongJobIsTaken(t *testing.T) {
	for _, l := range []Level{Urgent, High, Low} {
		t.Run(l.String(), func(t *testing.T) { testJobBehindLongJob(t, l) })
	}
}

func testJobBehindLongJob(t *testing.T, level Level) {
	const age = 8
	p := newPool(t, 2, Levels(age))
	var taken point.Bool
	push, done := make(chan struct{}), make(chan struct{})
	holds := make(chan struct{})
	p.Submit(do(func(w *Worker) {
		holds <- struct{}{}
		<-push
		w.PushAt(level, do(func(by *Worker) { taken.Store(by != w) }))
		push <- struct{}{}
		<-done
	}))
	testkit.Receive(t, holds, "the long job")
	n, from := 0, 0
	var again *Job
	again = do(func(w *Worker) {
		if n++; n == 100 {
			push <- struct{}{}
			<-push
			from = n
		}
		if taken.Load() || n == 1000 {
			close(done)
			return
		}
		w.Push(again)
	})
	p.Submit(again)
	testkit.Receive(t, done, "the end")
	require.True(t, taken.Load(), "nobody took the job")
	looks := 3
	if level > Normal {
		looks += 2 * 2 * idleEach // two looks at those levels, of two places in turn
	}
	require.LessOrEqual(t, n-from, looks*(age+9), "it was looked for too seldom")
}

func TestGuestRunsItsOwnByLevel(t *testing.T) {
	p := newPool(t, 1, Levels(50))
	asleep(t, p)
	w, ok := p.Enter()
	require.True(t, ok)
	var ran []Level
	for _, l := range []Level{Low, Normal, High, Urgent, Low} {
		w.PushAt(l, do(func(*Worker) { ran = append(ran, l) }))
	}
	require.Equal(t, 5, w.QueueLen())
	for range 3 {
		require.True(t, w.RunOne())
	}
	w.Leave()
	closePool(t, p) // the worker runs the others
	require.Equal(t, []Level{Urgent, High, Normal, Low, Low}, ran)
}

// TestNextGuestFindsAnEmptyPlace: what a guest left behind, in lanes too, goes to
// the injectors.
func TestNextGuestFindsAnEmptyPlace(t *testing.T) {
	p := barePool(1, 1)
	p.levels = newLeveled(p, 50)
	w := p.places()[0]
	w.lanes = newLaneSet(w)
	w.sitDown()
	for _, l := range allLevels {
		w.PushAt(l, do(nil))
	}
	w.sitDown()
	require.Zero(t, w.QueueLen())
	for _, l := range allLevels {
		require.Equal(t, 1, p.levels.injectors[l].Len(), "%v", l)
	}
	require.True(t, p.anyVisible())
}

// A levelTwin is what a worker with levels must agree with: lists of what waits, and
// which of the last turns were out of order.
type levelTwin struct {
	own, outside [levelCount][]int
	turns        []bool // by job that ran: another of a higher level waited
}

// ran checks that job id may be the next to run, and takes it away. Those from outside
// have no order: one that was taken in a batch lies behind the own ones, and the next
// from outside may come first.
func (tw *levelTwin) ran(t *testing.T, id, age int) {
	for l := range tw.own {
		for i, q := range []*[]int{&tw.own[l], &tw.outside[l]} {
			at := slices.Index(*q, id)
			if at < 0 {
				continue
			}
			if at > 0 && i == 0 {
				t.Errorf("job %d of level %v ran before %v", id, Level(l), (*q)[:at])
			}
			*q = slices.Delete(*q, at, at+1)
			tw.turns = append(tw.turns, tw.waits(l))
			odd := 0
			for _, out := range tw.turns[max(0, len(tw.turns)-age):] {
				if out {
					odd++
				}
			}
			if odd > owedBeside+2 {
				t.Errorf("job %d of level %v ran; of the last %d jobs %d ran though more urgent ones waited", id, Level(l), age, odd)
			}
			return
		}
	}
	t.Errorf("job %d ran twice, or was never pushed", id)
}

// waits reports whether a job above that level waits. Those of Normal from outside
// need not go before Low ones at once, see lowPerLook.
func (tw *levelTwin) waits(level int) bool {
	for l := range level {
		if len(tw.own[l]) > 0 || len(tw.outside[l]) > 0 && Level(l) != Normal {
			return true
		}
	}
	return false
}

// TestLevelsAgainstTwin: random pushes inside and outside; of its own the oldest job
// of a level runs first, and a job runs before one of a higher level only so often as the
// turns that are owed allow.
func TestLevelsAgainstTwin(t *testing.T) {
	rng := testkit.Rand(t)
	for _, age := range []int{16, 61} {
		p := newPool(t, 1, Levels(age))
		tw := &levelTwin{}
		next, left := 0, 4000
		done := make(chan struct{})
		var job func(id int) *Job
		push := func(w *Worker) {
			if left == 0 {
				return
			}
			left--
			id, l := next, allLevels[rng.IntN(len(allLevels))]
			next++
			if rng.IntN(3) == 0 {
				tw.outside[l] = append(tw.outside[l], id)
				p.SubmitAt(l, job(id))
				return
			}
			tw.own[l] = append(tw.own[l], id)
			w.PushAt(l, job(id))
		}
		ran := 0
		job = func(id int) *Job {
			return do(func(w *Worker) {
				if id >= 0 {
					tw.ran(t, id, age)
					ran++
				}
				for range rng.IntN(3) {
					push(w)
				}
				if left > 0 && w.QueueLen() == 0 {
					push(w)
				}
				if ran == 4000 {
					close(done)
				}
			})
		}
		p.Submit(job(-1))
		testkit.Receive(t, done, "all jobs")
		if t.Failed() {
			return
		}
	}
}

// TestStressLevels: workers, guests and submitters with random levels, while the
// number of workers changes; every job runs once.
func TestStressLevels(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		testkit.Stress(t, 200*time.Millisecond, func(rng *rand.Rand) { stressLevels(t, rng) })
	})
}

func stressLevels(t *testing.T, rng *rand.Rand) {
	const roots, children = 200, 4
	opts := []Option{Levels(2 + rng.IntN(60)), InOrder(Order(rng.IntN(3)))}
	if rng.IntN(2) == 0 {
		opts = append(opts, StealOne())
	}
	p := newPool(t, 1+rng.IntN(4), opts...)
	ran := make([]point.Int32, roots*(1+children))
	var left point.Int32
	left.Store(int32(len(ran)))
	done := make(chan struct{})
	run := func(id int) {
		ran[id].Inc()
		if left.Dec() == 0 {
			close(done)
		}
	}
	pick := func(r *rand.Rand) Level { return allLevels[r.IntN(len(allLevels))] }
	root := func(id int, r *rand.Rand) *Job {
		return do(func(w *Worker) {
			for c := range children {
				j := do(func(*Worker) { run(roots + id*children + c) })
				switch r.IntN(5) {
				case 0:
					p.SubmitAt(pick(r), j)
				case 1:
					p.SubmitDue(r.Int64N(100), j)
				case 2:
					w.PushYieldedAt(pick(r), j)
				case 3:
					w.PushNext(j)
				default:
					w.PushAt(pick(r), j)
				}
			}
			run(id)
		})
	}
	const submitters = 3
	ends := make(chan struct{}, submitters)
	for s := range submitters {
		r := testkit.Split(rng)
		go func() {
			defer func() { ends <- struct{}{} }()
			for id := s; id < roots; id += submitters {
				j := root(id, testkit.Split(r))
				if w, ok := p.Enter(); ok && r.IntN(2) == 0 {
					w.PushAt(pick(r), j)
					w.RunOne()
					w.Leave()
				} else {
					if ok {
						w.Leave()
					}
					p.SubmitAt(pick(r), j)
				}
			}
		}()
	}
	for range 5 {
		require.NoError(t, p.Resize(1+rng.IntN(4)))
	}
	for range submitters {
		testkit.Receive(t, ends, "a submitter")
	}
	testkit.Receive(t, done, "all jobs")
	for id := range ran {
		require.EqualValues(t, 1, ran[id].Load(), "job %d", id)
	}
	closePool(t, p)
}
