// SPDX-License-Identifier: Apache-2.0

//go:build explore

package graph

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// onRuntime runs f with a runtime of so many workers, as threads of the model.
func onRuntime(x *explore.X, workers int, f func(rt *sched.Runtime), opts ...sched.Option) {
	rt, err := sched.New(append(opts, sched.Workers(workers), sched.Watchdog(0, nil))...)
	if err != nil {
		panic(err)
	}
	f(rt)
	x.Check(rt.Close() == nil, "close fails")
}

// A diamond is a node, two beside each other after it, and one after both, each of which
// reads what those before it have left.
type diamond struct {
	x     *explore.X
	graph *Graph
	left  [4]*int
	ran   [4]int
}

func newDiamond(x *explore.X, fails int) *diamond {
	d := &diamond{x: x, graph: New("diamond")}
	before := [4][]int{1: {0}, 2: {0}, 3: {1, 2}}
	var nodes [4]*Node
	for i := range nodes {
		d.left[i] = new(int)
		nodes[i] = d.graph.Add(fmt.Sprint(i), func(context.Context) error {
			for _, b := range before[i] {
				point.Reads(d.left[b])
			}
			point.Writes(d.left[i])
			d.ran[i]++
			if i == fails {
				return errNode
			}
			return nil
		})
		for _, b := range before[i] {
			nodes[i].After(nodes[b])
		}
	}
	return d
}

var errNode = errors.New("a node failed")

// A node runs once, after all before it, on whichever worker; again in the next run.
func TestExploreGraph(t *testing.T) {
	explore.Model{
		Structure: "graph, in-degree hand-over", Operations: "a diamond, run twice, by a caller and 1 worker",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			onRuntime(x, 1, func(rt *sched.Runtime) {
				d := newDiamond(x, -1)
				for run := 1; run <= 2; run++ {
					err := d.graph.Run(context.Background(), rt)
					x.Check(err == nil && d.ran == [4]int{run, run, run, run}, "run %d: %v, nodes ran %v times", run, err, d.ran)
				}
			})
		},
	}.Check(t)
}

func TestExploreGraphTwoWorkers(t *testing.T) {
	explore.Model{
		Structure: "graph, in-degree hand-over", Operations: "a diamond, by a caller and 2 workers",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			onRuntime(x, 2, func(rt *sched.Runtime) {
				d := newDiamond(x, -1)
				err := d.graph.Run(context.Background(), rt)
				x.Check(err == nil && d.ran == [4]int{1, 1, 1, 1}, "%v, nodes ran %v times", err, d.ran)
			})
		},
	}.Check(t)
}

// After a node that fails nothing runs that comes after it, and the run ends with its
// error.
func TestExploreGraphFails(t *testing.T) {
	explore.Model{
		Structure: "graph, failure", Operations: "a diamond one of whose sides fails, by a caller and 2 workers",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			onRuntime(x, 2, func(rt *sched.Runtime) {
				d := newDiamond(x, 1)
				err := d.graph.Run(context.Background(), rt)
				x.Check(errors.Is(err, errNode), "the run returns %v", err)
				x.Check(d.ran[0] == 1 && d.ran[1] == 1 && d.ran[2] <= 1 && d.ran[3] == 0, "nodes ran %v times", d.ran)
			})
		},
	}.Check(t)
}

// A node that waits for what never comes ends with the run, which another node fails.
func TestExploreGraphFailsBesideAwait(t *testing.T) {
	explore.Model{
		Structure: "graph, end of what waits", Operations: "a node that fails beside one that waits for ever, by a caller and 2 workers",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			onRuntime(x, 2, func(rt *sched.Runtime) {
				g := New("g")
				Await(g, "waits", func(context.Context) future.Future[int] { return future.NewPromise[int]().Future() })
				g.Add("fails", func(context.Context) error { return errNode })
				err := g.Run(context.Background(), rt)
				x.Check(errors.Is(err, errNode), "the run returns %v", err)
			})
		},
	}.Check(t)
}

// So does one that waits for its next try.
func TestExploreGraphFailsBesideRetry(t *testing.T) {
	explore.Model{
		Structure: "graph, end of what waits", Operations: "a node that fails beside one that waits for its next try, by a caller and 2 workers",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			onRuntime(x, 2, func(rt *sched.Runtime) {
				g := New("g")
				g.Add("waits", func(context.Context) error { return errFirst }).Retry(1, func(int) time.Duration { return time.Hour })
				g.Add("fails", func(context.Context) error { return errNode })
				err := g.Run(context.Background(), rt)
				x.Check(errors.Is(err, errNode), "the run returns %v", err)
			}, sched.Clock(timer.NewClock(time.Unix(0, 0))))
		},
	}.Check(t)
}

var errFirst = errors.New("the first try failed")
