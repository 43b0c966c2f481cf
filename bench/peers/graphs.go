// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"cmp"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/RussellLuo/timingwheel"
	"github.com/exascience/pargo/parallel"
	pargo "github.com/exascience/pargo/sort"
	"github.com/jfcg/sorty/v2"
	gotaskflow "github.com/noneback/go-taskflow"

	"github.com/pilfer-go/pilfer/bench"
)

// others are the peers that are no pools of functions.
func others() []bench.Runtime {
	return []bench.Runtime{
		from("github.com/noneback/go-taskflow",
			bench.NewGrapher("go-taskflow", "a TaskFlow built once, an Executor for 10,000 at once for each CPU as in its examples; Run, Wait", taskflowGraph)),
		from("github.com/exascience/pargo",
			bench.NewSorter("pargo", "sort.Sort, sort.StableSort", bench.Sorts{
				Ints:    func(s []int) { pargo.Sort(pargo.IntSlice(s)) },
				Records: func(s []bench.Record) { pargo.Sort(records(s)) },
				Stable:  func(s []bench.Record) { pargo.StableSort(records(s)) },
			}).With(bench.NewForker("pargo", "trees: parallel.Do for each fork", func(f, g func()) { parallel.Do(f, g) })).
				With(bench.NewLooper("pargo", "loops: parallel.Range, RangeReduceFloat64Sum, RangeReduceIntSum, parts as it likes", pargoLoops))),
		from("github.com/jfcg/sorty/v2",
			bench.NewSorter("sorty", "SortSlice, and Sort with a Lesswap; MaxGor is GOMAXPROCS", bench.Sorts{Ints: sortyInts, Records: sortyRecords})),
		from("github.com/RussellLuo/timingwheel",
			bench.NewTimers("timingwheel", "NewTimingWheel(1ms, 20), AfterFunc, Timer.Stop; asked for 1 ms more, as it drops what is less", time.Millisecond, wheel)),
	}
}

var pargoLoops = bench.Looper{
	Range: func(n int, part func(lo, hi int)) { parallel.Range(0, n, 0, part) },
	Sum: func(n int, part func(lo, hi int) float64) float64 {
		return parallel.RangeReduceFloat64Sum(0, n, 0, part)
	},
	Count: func(n int, part func(lo, hi int) int) int { return parallel.RangeReduceIntSum(0, n, 0, part) },
}

// perCPU is how many functions go-taskflow may run at once for each CPU.
const perCPU = 10_000

func taskflowGraph(nodes bench.Nodes) func() error {
	flow := gotaskflow.NewTaskFlow("bench")
	tasks := make([]*gotaskflow.Task, nodes.Len())
	for i := range tasks {
		tasks[i] = flow.NewTask(strconv.Itoa(i), func() { nodes.Visit(i) })
		for _, j := range nodes.Before(i) {
			tasks[j].Precede(tasks[i])
		}
	}
	executor := gotaskflow.NewExecutor(uint(runtime.GOMAXPROCS(0)) * perCPU)
	return func() error {
		executor.Run(flow).Wait()
		return nil
	}
}

func sortyInts(s []int) {
	sorty.MaxGor = uint64(runtime.GOMAXPROCS(0))
	sorty.SortSlice(s)
}

func sortyRecords(s []bench.Record) {
	sorty.MaxGor = uint64(runtime.GOMAXPROCS(0))
	sorty.Sort(len(s), func(i, k, r, t int) bool {
		if s[i].Key >= s[k].Key {
			return false
		}
		if r != t {
			s[r], s[t] = s[t], s[r]
		}
		return true
	})
}

// records have what pargo asks for.
type records []bench.Record

func (s records) Len() int           { return len(s) }
func (s records) Less(i, j int) bool { return s[i].Key < s[j].Key }
func (s records) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// SequentialSort sorts a part; it is to be stable.
func (s records) SequentialSort(i, j int) {
	slices.SortStableFunc(s[i:j], func(a, b bench.Record) int { return cmp.Compare(a.Key, b.Key) })
}

func (s records) NewTemp() pargo.StableSorter { return make(records, len(s)) }

func (s records) Assign(source pargo.StableSorter) func(i, j, n int) {
	from := source.(records)
	return func(i, j, n int) { copy(s[i:i+n], from[j:j+n]) }
}

// wheel has the size of its examples.
func wheel() (bench.AfterFunc, func()) {
	w := timingwheel.NewTimingWheel(time.Millisecond, 20)
	w.Start()
	return func(d time.Duration, f func()) bench.Stopper { return w.AfterFunc(d, f) }, w.Stop
}
