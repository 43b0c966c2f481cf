// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// pilfer returns our runtime.
func pilfer(name, how string, locked bool) Runtime {
	with := func(body func(rt *sched.Runtime) Body) Open { return withRuntime(locked, body) }
	open := map[string]Open{
		"spawn-inside":  with(func(rt *sched.Runtime) Body { return pilferSpawnInside(rt, nil) }),
		"submit-1":      with(func(rt *sched.Runtime) Body { return pilferSubmit(rt, 1) }),
		"submit-8":      with(func(rt *sched.Runtime) Body { return pilferSubmit(rt, submitters) }),
		"yield":         with(func(rt *sched.Runtime) Body { return pilferYield(rt, nil) }),
		"ping-pong":     with(pilferPingPong),
		"chained-spawn": with(pilferChain),
		"pending":       with(pilferPending),
		"run-empty":     with(pilferRunEmpty),
		"spawn-result":  with(pilferSpawnResult),
		"submit-result": with(pilferSubmitResult),
		"pending-recv":  with(pilferReceivers),
		"pending-sleep": with(pilferSleepers),
		"graph-pending": with(pilferAwaiting),
		"graph-build":   plain(pilferBuild),
		"coarse":        pilferCoarse(sched.LockThreads(locked)),
		"idle":          with(pilferIdle),
		small:           with(pilferSmall),
		wakeBusy:        with(pilferBusy),
		wakeBusyWoken:   with(pilferBusyWoken),
	}
	for _, c := range requestCases() {
		open[c.name] = pilferServer(locked, c)
	}
	for _, c := range wakeCases() {
		open[c.name] = with(func(rt *sched.Runtime) Body { return wakeBody(c, pilferAsk(rt)) })
	}
	for _, t := range trees() {
		open[t.name] = with(pilferTree(t, t.join))
	}
	maps.Copy(open, pilferLoops(locked, byElement))
	maps.Copy(open, pilferSorts(with))
	maps.Copy(open, pilferGraphs(locked))
	maps.Copy(open, pilferTimes(with))
	maps.Copy(open, pilferMessages(with))
	fixed := map[string]int{"coarse": coarseWorkers, "graph-build": 1}
	if locked { // the others would be the same
		open[static], fixed[static] = pilferStatic, 1
		maps.Copy(open, pilferLevels(nil, sched.Priorities(sched.DefaultAge)))
	}
	return Runtime{
		Name: name, How: how, Sized: true, Open: open, Fixed: fixed,
	}
}

// pilferPublic returns our runtime with every fork on offer.
func pilferPublic() Runtime {
	return Runtime{
		Name: "pilfer-public", How: "OfferAll: every fork is on offer at once; unlocked", Sized: true,
		Open: map[string]Open{
			"fib":    withOptions(pilferTree(fibTree(), fibTree().join), sched.LockThreads(false), sched.OfferAll()),
			"coarse": pilferCoarse(sched.LockThreads(false), sched.OfferAll()),
		},
		Fixed: map[string]int{"coarse": coarseWorkers},
	}
}

// withRuntime opens a body that needs a runtime.
func withRuntime(locked bool, body func(rt *sched.Runtime) Body) Open {
	return withOptions(body, sched.LockThreads(locked))
}

func withOptions(body func(rt *sched.Runtime) Body, opts ...sched.Option) Open {
	return func(workers int) (Body, func() error, error) {
		rt, err := sched.New(append(opts, sched.Workers(workers))...)
		if err != nil {
			return nil, nil, err
		}
		return body(rt), rt.Close, nil
	}
}

var background = context.Background()

// none is the result of a task that has none.
type none = struct{}

// A mark is a task that does nothing but count how often it ran.
type mark struct{ ran int }

// Poll is ready at once.
func (m *mark) Poll(*sched.Context) future.Poll[none] {
	m.ran++
	return future.Of(none{})
}

// A batcher is a task that spawns others, and goes on when they are done.
type batcher struct {
	left    int
	tasks   []mark
	handles []sched.JoinHandle[none] // of the last batch
	done    int                      // of those, seen done
	levels  []sched.TaskOption       // of tasks in turn; nil if they name none
}

// Poll spawns a batch if the last one is done.
func (b *batcher) Poll(cx *sched.Context) future.Poll[none] {
	for ; b.done < len(b.handles); b.done++ {
		if !b.handles[b.done].IsFinished() {
			cx.Wake()
			return future.Wait[none]()
		}
	}
	if b.left == 0 {
		return future.Of(none{})
	}
	n := min(b.left, spawnBatch)
	b.left -= n
	b.done = 0
	b.handles = b.handles[:n]
	for i := range n {
		b.handles[i] = spawnAt(cx, i, future.Future[none](&b.tasks[i]), b.levels)
	}
	cx.Wake()
	return future.Wait[none]()
}

// pilferSpawnInside spawns batches inside a task, which has the lowest level if the
// others have levels: it goes on after them.
func pilferSpawnInside(rt *sched.Runtime, levels []sched.TaskOption) Body {
	var low []sched.TaskOption
	if levels != nil {
		low = levels[len(levels)-1:]
	}
	return func(s *Sample, units int) error {
		b := &batcher{left: units, tasks: make([]mark, spawnBatch), handles: make([]sched.JoinHandle[none], 0, spawnBatch), levels: levels}
		err := s.Time(units, func() error {
			_, err := spawnAt(rt, 0, future.Future[none](b), low).Wait(background)
			return err
		})
		if err != nil {
			return err
		}
		return checkMarks(b.tasks, units)
	}
}

// checkMarks returns an error unless units tasks ran, in turn on each mark.
func checkMarks(marks []mark, units int) error {
	for i, m := range marks {
		want := units / len(marks)
		if i < units%len(marks) {
			want++
		}
		if m.ran != want {
			return fmt.Errorf("task %d of each batch ran %d times, want %d", i, m.ran, want)
		}
	}
	return nil
}

// A countdown is a task that many share: the last one to run settles the promise.
type countdown struct {
	// left is how many have not run.
	// Writers: any task, by one each. Invariant: never below 0.
	left point.Int64
	done *future.Promise[none]
}

// Poll counts one.
func (c *countdown) Poll(cx *sched.Context) future.Poll[none] {
	if c.left.Dec() == 0 {
		c.done.ResolveIn(cx, none{})
	}
	return future.Of(none{})
}

// pilferSubmit spawns from several ordinary goroutines and waits for all tasks.
func pilferSubmit(rt *sched.Runtime, by int) Body {
	return func(s *Sample, units int) error {
		c := &countdown{done: future.NewPromise[none]()}
		c.left.Store(int64(units))
		err := s.Time(units, func() error {
			submit(units, by, func() { sched.Spawn(rt, future.Future[none](c)) })
			_, err := sched.BlockOn(background, rt, c.done.Future())
			return err
		})
		return orLeft(err, c.left.Load())
	}
}

// submit calls one units times, from by goroutines.
func submit(units, by int, one func()) {
	if by == 1 {
		for range units {
			one()
		}
		return
	}
	var wg sync.WaitGroup
	for i := range by {
		n := units / by
		if i < units%by {
			n++
		}
		wg.Go(func() {
			for range n {
				one()
			}
		})
	}
	wg.Wait()
}

// orLeft returns err, or an error if a counter did not end at zero.
func orLeft(err error, left int64) error {
	if err == nil && left != 0 {
		err = fmt.Errorf("%d tasks left over", left)
	}
	return err
}

func pilferRunEmpty(rt *sched.Runtime) Body {
	ran := 0
	empty := func(*sched.Context) error {
		ran++
		return nil
	}
	return func(s *Sample, units int) error {
		ran = 0
		err := s.Time(units, func() error {
			for range units {
				if err := rt.Run(background, empty); err != nil {
					return err
				}
			}
			return nil
		})
		return orLeft(err, int64(units-ran))
	}
}
