// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
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
	// use GOMAXPROCS as it is, and their workers are shown as that.
	Sized bool

	// Command is the program that measures it, for one that is not written in Go;
	// see [NativeRuntimes].
	Command string

	Open   map[string]Open   // by workload
	Cannot map[string]string // by workload: the word in the cell instead of a figure
	Least  map[string]int    // by workload: with fewer workers it deadlocks
}

// A Cell is a workload on a runtime with a number of workers.
type Cell struct {
	Workload Workload // what is done
	Runtime  Runtime  // by whom
	Workers  int      // with how many; GOMAXPROCS if the runtime is not sized
}

// Name returns workload/runtime/workers.
func (c Cell) Name() string {
	return fmt.Sprintf("%s/%s/%d", c.Workload.Name, c.Runtime.Name, c.Workers)
}

// Run opens the runtime and does warm rounds that are not measured, then rounds
// that are. It stops after limit, but not before one measured round.
func (c Cell) Run(units, warm, rounds int, limit time.Duration) (s *Sample, err error) {
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
	began := time.Now()
	s = &Sample{}
	for n := range warm + rounds {
		if n == warm {
			*s = Sample{}
		}
		if err := run(s, units); err != nil {
			return nil, fmt.Errorf("bench: %s: %w", c.Name(), err)
		}
		if n >= warm && time.Since(began) > limit {
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
		if !rt.Sized {
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
	return []Runtime{
		pilfer("pilfer", "workers with threads of their own, the default", true),
		pilfer("pilfer-unlocked", "LockThreads(false): workers are ordinary goroutines", false),
		pilferForms("pilfer-typed", "workers.Recursive: a function that forks itself, declared once", func(t tree) treeForm { return t.typed }),
		pilferForms("pilfer-closure", "workers.JoinFunc: closures", func(t tree) treeForm { return t.closure }),
		serialTrees(), bareAlloc(), goroutines(), channelWorkers(), channelPairs(), lockedChannel(), plainChannel(),
	}
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
