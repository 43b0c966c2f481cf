// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"runtime"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// The rows of this file are other executors than the pool with its defaults: one with
// reserved slots, and a pool with levels.

const (
	static      = "static"
	levelsYield = "levels-yield"
	levelsSpawn = "levels-spawn"

	staticSlots = 64
)

func executorWorkloads() []Workload {
	// What levels cost a task that names none.
	off := []Target{{Of: "pilfer", Metric: "ns", Peer: levelsOff, Max: 3, Minus: true}}
	return []Workload{
		{
			Name: static, Unit: "task", Size: 10_000 * staticSlots, Small: 50 * staticSlots,
			Why:     "an executor of 64 reserved slots on the caller's own thread: 64 tasks at a time are spawned, give way once and end with a result; nothing is allocated after the start",
			Targets: []Target{{Metric: "allocs", Max: 0.001}},
		},
		{
			Name: levelsYield, Unit: "yield", Size: yieldTasks * 1000, Small: yieldTasks * 5, Targets: off,
			Why: "yield on a pool with levels of priority: what they cost a task that names none (pilfer), and when all four are in use (pilfer-levels); no peer here has levels",
		},
		{
			Name: levelsSpawn, Unit: "task", Size: 1_000_000, Small: 5_000, Warm: 100_000, Targets: off,
			Why: "spawn-inside on a pool with levels of priority",
		},
	}
}

// pilferStatic is our executor of reserved slots. Its tasks, too, are there before.
func pilferStatic(int) (Body, func() error, error) {
	x, err := sched.NewStatic[int](staticSlots)
	if err != nil {
		return nil, nil, err
	}
	var (
		tasks   [staticSlots]yielder
		handles [staticSlots]sched.StaticTask[int]
	)
	body := func(s *Sample, units int) error {
		sum := 0
		err := s.Time(units, func() error {
			for range units / staticSlots {
				for i := range tasks {
					tasks[i] = yielder{left: 1}
					h, err := x.Spawn(&tasks[i])
					if err != nil {
						return err
					}
					handles[i] = h
				}
				x.Run()
				for _, h := range handles {
					sum += h.Take().Value
				}
			}
			return nil
		})
		return orLeft(err, int64(units-sum))
	}
	return body, func() error { x.Close(); return nil }, nil
}

// plainStatic is the same by goroutines, with one P: they would pay for another one
// and not need it.
func plainStatic(int) (Body, func() error, error) {
	procs := runtime.GOMAXPROCS(1)
	body := func(s *Sample, units int) error {
		sum := 0
		err := s.Time(units, func() error {
			done := make(chan int, staticSlots)
			for range units / staticSlots {
				for range staticSlots {
					go func() {
						runtime.Gosched()
						done <- 1
					}()
				}
				for range staticSlots {
					sum += <-done
				}
			}
			return nil
		})
		return orLeft(err, int64(units-sum))
	}
	return body, func() error { runtime.GOMAXPROCS(procs); return nil }, nil
}

const levelsOff = "pilfer-levels-off"

// allLevels has tasks of all levels in turn.
var allLevels = []sched.TaskOption{
	sched.Priority(sched.Urgent), sched.Priority(sched.High), sched.Priority(sched.Normal), sched.Priority(sched.Low),
}

// pilferLevels are the rows of a pool with such options, whose tasks have levels in
// turn or name none.
func pilferLevels(levels []sched.TaskOption, opts ...sched.Option) map[string]Open {
	with := func(body func(rt *sched.Runtime) Body) Open {
		return func(workers int) (Body, func() error, error) {
			rt, err := sched.New(append([]sched.Option{sched.Workers(workers)}, opts...)...)
			if err != nil {
				return nil, nil, err
			}
			return body(rt), rt.Close, nil
		}
	}
	return map[string]Open{
		levelsYield: with(func(rt *sched.Runtime) Body { return pilferYield(rt, levels) }),
		levelsSpawn: with(func(rt *sched.Runtime) Body { return pilferSpawnInside(rt, levels) }),
	}
}

// levelRuntimes are ours without levels, and with all of them in use.
func levelRuntimes() []Runtime {
	note := LessWork + "the pool has no levels"
	return []Runtime{
		{
			Name: "pilfer-levels", How: "Priorities(DefaultAge); tasks of all four levels in turn", Sized: true,
			Open: pilferLevels(allLevels, sched.Priorities(sched.DefaultAge)),
		},
		{
			Name: levelsOff, How: "without Priorities, in the rows about them", Sized: true, Open: pilferLevels(nil),
			Notes: map[string]string{levelsYield: note, levelsSpawn: note},
		},
	}
}

// spawnAt spawns the i-th task, with one of the levels if there are any.
func spawnAt[T any](at sched.Spawner, i int, f future.Future[T], levels []sched.TaskOption) sched.JoinHandle[T] {
	if levels == nil {
		return sched.Spawn(at, f)
	}
	i %= len(levels)
	return sched.SpawnWith(at, f, levels[i:i+1]...)
}
