// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// The coarse workload is the other end of fib: leaves so long that a fork which
// nobody can see leaves workers idle. They sleep, so that 8 workers can be
// measured on any machine.
const (
	coarseLeaves  = 64
	coarseLeaf    = 5 * time.Millisecond
	coarseWorkers = 8
)

// A fork is an inner node of a tree of leaves; nil is a leaf.
type coarseNode struct{ left, right *coarseNode }

// coarseShapes are the trees, by name.
var coarseShapes = []struct {
	name string
	tree *coarseNode // nil: JoinN
}{
	{"balanced", shapeOf(coarseLeaves, func(n int) int { return n / 2 })},
	{"left-deep", shapeOf(coarseLeaves, func(n int) int { return n - 1 })},
	{"right-deep", shapeOf(coarseLeaves, func(int) int { return 1 })},
	{"random", randomShape()},
	{"flat", nil},
}

// shapeOf returns a tree of n leaves that has split(n) of them on the left.
func shapeOf(n int, split func(n int) int) *coarseNode {
	if n == 1 {
		return nil
	}
	l := split(n)
	return &coarseNode{shapeOf(l, split), shapeOf(n-l, split)}
}

func randomShape() *coarseNode {
	rng := rand.New(rand.NewPCG(1, 2))
	return shapeOf(coarseLeaves, func(n int) int { return 1 + rng.IntN(n-1) })
}

func coarseWorkload() Workload {
	w := Workload{
		Name: "coarse", Unit: "tree", Size: len(coarseShapes), Small: 1,
		Why: "trees of 64 leaves that sleep 5 ms, on 8 workers whatever is asked for: are forks seen early enough",
	}
	for _, s := range coarseShapes {
		w.Targets = append(w.Targets, Target{Of: "pilfer-unlocked", Metric: s.name + "-ms", Peer: "pilfer-public", Ratio: 1.05})
	}
	return w
}

// coarseBody runs each of the first shapes once in every round.
func coarseBody(leaves *point.Int64, run func(shape *coarseNode) error) Body {
	total := map[string]time.Duration{}
	rounds := 0
	return func(s *Sample, units int) error {
		rounds++
		s.Cores = coarseWorkers
		return s.Time(units, func() error {
			for _, shape := range coarseShapes[:units] {
				leaves.Store(0)
				began := time.Now()
				if err := run(shape.tree); err != nil {
					return err
				}
				total[shape.name] += time.Since(began)
				s.set(shape.name+"-ms", total[shape.name].Seconds()*1000/float64(rounds))
				if n := leaves.Load(); n != coarseLeaves {
					return fmt.Errorf("%s: %d leaves, want %d", shape.name, n, coarseLeaves)
				}
			}
			return nil
		})
	}
}

// pilferCoarse has its own workers: more than the machine has.
func pilferCoarse(opts ...sched.Option) Open {
	return func(int) (Body, func() error, error) {
		rt, err := sched.New(append(opts, sched.Workers(coarseWorkers))...)
		if err != nil {
			return nil, nil, err
		}
		var leaves point.Int64
		leaf := func() { time.Sleep(coarseLeaf); leaves.Inc() }
		var visit func(w *workers.Worker, n *coarseNode) none
		visit = func(w *workers.Worker, n *coarseNode) none {
			if n == nil {
				leaf()
			} else {
				workers.Join(w, visit, n.left, visit, n.right)
			}
			return none{}
		}
		body := coarseBody(&leaves, func(shape *coarseNode) error {
			_, err := sched.Call(background, rt, func(w *workers.Worker) (none, error) {
				if shape == nil {
					workers.JoinN(w, coarseLeaves, func(*workers.Worker, int) { leaf() })
				} else {
					visit(w, shape)
				}
				return none{}, nil
			})
			return err
		})
		return body, rt.Close, nil
	}
}

// serialCoarse runs the leaves one after the other.
func serialCoarse(int) (Body, func() error, error) {
	var leaves point.Int64
	body := coarseBody(&leaves, func(*coarseNode) error {
		for range coarseLeaves {
			time.Sleep(coarseLeaf)
			leaves.Inc()
		}
		return nil
	})
	return func(s *Sample, units int) error {
		err := body(s, units)
		s.Cores = 1
		return err
	}, func() error { return nil }, nil
}

// forkCoarse forks by goroutines, as long as there are fewer than workers.
func forkCoarse(int) (Body, func() error, error) {
	var leaves point.Int64
	leaf := func() { time.Sleep(coarseLeaf); leaves.Inc() }
	places := make(chan none, coarseWorkers-1)
	var visit func(n *coarseNode)
	both := func(f, g func()) {
		select {
		case places <- none{}:
			goFork(f, func() { g(); <-places })
		default:
			f()
			g()
		}
	}
	visit = func(n *coarseNode) {
		if n == nil {
			leaf()
			return
		}
		both(func() { visit(n.left) }, func() { visit(n.right) })
	}
	body := coarseBody(&leaves, func(shape *coarseNode) error {
		if shape == nil {
			takeAll(leaf)
		} else {
			visit(shape)
		}
		return nil
	})
	return body, func() error { return nil }, nil
}

// plainCoarse takes all leaves off a channel: nothing could be seen earlier.
func plainCoarse(int) (Body, func() error, error) {
	var leaves point.Int64
	body := coarseBody(&leaves, func(*coarseNode) error {
		takeAll(func() { time.Sleep(coarseLeaf); leaves.Inc() })
		return nil
	})
	return body, func() error { return nil }, nil
}

// takeAll has workers take leaves off a channel that holds them all.
func takeAll(leaf func()) {
	work := make(chan none, coarseLeaves)
	for range coarseLeaves {
		work <- none{}
	}
	close(work)
	var wg sync.WaitGroup
	for range coarseWorkers {
		wg.Go(func() {
			for range work {
				leaf()
			}
		})
	}
	wg.Wait()
}
