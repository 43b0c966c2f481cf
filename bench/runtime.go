// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// A Body does one round of units units, and returns an error if the result is
// wrong. A round may do fewer if the workload allows it: the sample says how many.
type Body func(s *Sample, units int) error

// An Open makes a runtime ready for one workload. shut ends it, and leaves no
// goroutine behind.
type Open func(workers int) (run Body, shut func() error, err error)

// A Runtime is what the workloads run on.
type Runtime struct {
	Name string // as in every table and JSON file
	How  string // how it is used here

	// Sized says that it has workers, to be measured with 1 and 2. The others
	// have GOMAXPROCS, which is their workers: in rows that compute, where
	// [Workload.Computes], it is set; in the others it is left as it is.
	Sized bool

	// Command is the program that measures it, for one that is not written in Go;
	// see [NativeRuntimes].
	Command string

	Module  string // of one from elsewhere that is written in Go
	Version string // of a native one, and its compiler's

	Open   map[string]Open   // by workload
	Cannot map[string]string // by workload: the word in the cell instead of a figure
	Least  map[string]int    // by workload: with fewer workers it deadlocks
	Fixed  map[string]int    // by workload: its workers, whatever is asked for

	// Notes go with the figure of a workload. One that begins with [LessWork] says
	// what the runtime leaves out of the work that the row is about.
	Notes map[string]string

	// Alone says, by workload, that it may deadlock, so that only the table runs
	// it, in a process that it can stop.
	Alone map[string]bool
}

// LessWork begins the note of a figure that is not for the work of its row. It is
// shown, but nobody is behind it.
const LessWork = "less work: "

// With returns the runtime with what another one does besides: its workloads, and
// its words in the cells.
func (rt Runtime) With(other Runtime) Runtime {
	rt.How += "; " + other.How
	rt.Sized = rt.Sized || other.Sized
	rt.Open, rt.Cannot = merged(rt.Open, other.Open), merged(rt.Cannot, other.Cannot)
	rt.Least, rt.Fixed, rt.Alone = merged(rt.Least, other.Least), merged(rt.Fixed, other.Fixed), merged(rt.Alone, other.Alone)
	rt.Notes = merged(rt.Notes, other.Notes)
	for name := range other.Open {
		if rt.Alone[name] && !other.Alone[name] {
			delete(rt.Alone, name)
		}
		delete(rt.Cannot, name)
	}
	return rt
}

func merged[V any](a, b map[string]V) map[string]V {
	all := map[string]V{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// A Cell is a workload on a runtime with a number of workers.
type Cell struct {
	Workload Workload // what is done
	Runtime  Runtime  // by whom
	Workers  int      // with how many; GOMAXPROCS if the runtime is not sized
}

// Procs is the GOMAXPROCS that the cell is measured with; 0 leaves it as it is.
func (c Cell) Procs() int {
	if _, fixed := c.Runtime.Fixed[c.Workload.Name]; fixed || !c.Workload.Computes() {
		return 0
	}
	return c.Workers
}

// Name returns workload/runtime/workers.
func (c Cell) Name() string {
	return fmt.Sprintf("%s/%s/%d", c.Workload.Name, c.Runtime.Name, c.Workers)
}

// Run opens the runtime and does rounds that are not measured for the time of warm, one
// at least if that is not 0; then rounds that are: rounds of them, and as many more as it
// takes to measure at least so long. It stops after limit, but not before one measured
// round. What a runtime learns, and builds after some rounds, is there by then.
func (c Cell) Run(units int, warm time.Duration, rounds int, least, limit time.Duration) (s *Sample, err error) {
	open, ok := c.Runtime.Open[c.Workload.Name]
	if !ok {
		return nil, fmt.Errorf("bench: %s does not do %s", c.Runtime.Name, c.Workload.Name)
	}
	run, shut, err := open(c.Workers)
	if err != nil {
		return nil, fmt.Errorf("bench: %s: %w", c.Name(), err)
	}
	defer func() {
		if e := shut(); err == nil && e != nil {
			err = fmt.Errorf("bench: %s: shut: %w", c.Name(), e)
		}
	}()
	once := func(s *Sample, units int) error {
		if err := run(s, units); err != nil {
			return fmt.Errorf("bench: %s: %w", c.Name(), err)
		}
		return nil
	}
	for began, n := time.Now(), 0; warm > 0 && (n == 0 || time.Since(began) < warm); n++ {
		do := units
		if c.Workload.Warm > 0 {
			do = min(units, c.Workload.Warm)
		}
		if err := once(new(Sample), do); err != nil {
			return nil, err
		}
	}
	s = &Sample{}
	began := time.Now()
	for n := 0; n < rounds || s.Elapsed < least; n++ {
		if err := once(s, units); err != nil {
			return nil, err
		}
		if time.Since(began) > limit {
			break
		}
	}
	return s, nil
}

// Cells returns the cells of a workload that have a figure, ours first.
func Cells(w Workload, runtimes []Runtime, workers []int, procs int) (cells []Cell) {
	for _, rt := range runtimes {
		if _, ok := rt.Open[w.Name]; !ok {
			continue
		}
		if n, fixed := rt.Fixed[w.Name]; fixed {
			cells = append(cells, Cell{w, rt, n})
			continue
		}
		if !rt.Sized && !w.Computes() {
			cells = append(cells, Cell{w, rt, procs})
			continue
		}
		for _, n := range workers {
			if n < rt.Least[w.Name] {
				continue
			}
			cells = append(cells, Cell{w, rt, n})
		}
	}
	return cells
}

// Runtimes returns pilfer and what the standard library offers.
func Runtimes() []Runtime {
	all := []Runtime{
		pilfer("pilfer", "workers with threads of their own, the default", true),
		pilfer("pilfer-unlocked", "LockThreads(false): workers are ordinary goroutines", false),
		pilferForms("pilfer-typed", "workers.Recursive: a function that forks itself, declared once", func(t tree) treeForm { return t.typed }),
		pilferForms("pilfer-closure", "workers.JoinFunc: closures", func(t tree) treeForm { return t.closure }),
		pilferForms("pilfer-pointer", "workers.Join of functions whose arguments and results are pointers", func(t tree) treeForm { return t.pointer }),
		pilferForms("pilfer-safe", "workers.JoinSafe", func(t tree) treeForm { return t.safe }),
		pilferPublic(),
		blockLoops(), serialTrees().With(serialGraphs()), bareAlloc(), goroutines(), inlineGraphs(), channelWorkers(), channelPairs(), weighted(),
		lockedChannel(), plainChannel(), afterFuncs(), coroutines(),
	}
	return append(all, levelRuntimes()...)
}

// FindRuntime returns the runtime with that name, or an error that lists all.
func FindRuntime(all []Runtime, name string) (Runtime, error) {
	var names []string
	for _, rt := range all {
		if rt.Name == name {
			return rt, nil
		}
		names = append(names, rt.Name)
	}
	return Runtime{}, fmt.Errorf("bench: unknown runtime %q; known are %s", name, strings.Join(names, " "))
}
