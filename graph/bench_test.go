// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
)

// A shape is the order of a benchmark's nodes: for each those before it, which
// have smaller numbers.
type shape struct {
	name   string
	before [][]int32
}

func chain(n int) shape {
	s := shape{fmt.Sprintf("chain-%d", n), make([][]int32, n)}
	for i := 1; i < n; i++ {
		s.before[i] = []int32{int32(i - 1)}
	}
	return s
}

func wavefront(side int) shape {
	s := shape{fmt.Sprintf("wavefront-%d", side), make([][]int32, side*side)}
	for i := range side * side {
		if i >= side {
			s.before[i] = append(s.before[i], int32(i-side))
		}
		if i%side > 0 {
			s.before[i] = append(s.before[i], int32(i-1))
		}
	}
	return s
}

func dag(n int) shape {
	s := shape{fmt.Sprintf("dag-%d", n), make([][]int32, n)}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 2; i < n; i++ {
		a, b := int32(rng.IntN(i)), int32(rng.IntN(i))
		for a == b {
			b = int32(rng.IntN(i))
		}
		s.before[i] = []int32{a, b}
	}
	return s
}

func tree(n int) shape {
	s := shape{fmt.Sprintf("tree-%d", n), make([][]int32, n)}
	for i := 1; i < n; i++ {
		s.before[i] = []int32{int32((i - 1) / 2)}
	}
	return s
}

func shapes(short bool) []shape {
	if short {
		return []shape{chain(1000), wavefront(16), dag(1000), tree(1 << 10)}
	}
	return []shape{chain(1_000_000), wavefront(256), wavefront(2048), dag(100_000), tree(1 << 17)}
}

// build makes the graph of a shape, with nodes of one of the forms. Each node adds one
// to its counter.
func (s shape) build(ran []int32, form string) *graph.Graph {
	g := graph.New(s.name)
	if form == "many" {
		g.DoN(len(s.before), func(i int) { ran[i]++ })
	}
	for i, before := range s.before {
		switch form {
		case "plain":
			g.Do("", func() { ran[i]++ })
		case "func":
			g.Add("", func(context.Context) error { ran[i]++; return nil })
		}
		for _, b := range before {
			g.Nodes()[i].After(g.Nodes()[b])
		}
	}
	return g
}

// after returns the successors of each node.
func (s shape) after() [][]int32 {
	after := make([][]int32, len(s.before))
	for i, before := range s.before {
		for _, b := range before {
			after[b] = append(after[b], int32(i))
		}
	}
	return after
}

// BenchmarkGraph runs graphs of trivial nodes, built once: in serial order, with
// goroutines by hand, and by this package.
func BenchmarkGraph(b *testing.B) {
	for _, s := range shapes(testing.Short()) {
		ran := make([]int32, len(s.before))
		perNode := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(ran)), "ns/node")
			for i := range ran {
				if ran[i] != ran[0] {
					b.Fatalf("node %d ran %d times, node 0 %d times", i, ran[i], ran[0])
				}
			}
		}
		b.Run(s.name+"/serial", func(b *testing.B) {
			order := s.flat(ran)
			for b.Loop() {
				order.run()
			}
			perNode(b)
		})
		b.Run(s.name+"/goroutines", func(b *testing.B) {
			h := newByHand(s, ran)
			for b.Loop() {
				h.run()
			}
			perNode(b)
		})
		for _, form := range []string{"func", "plain", "many"} {
			g := s.build(ran, form)
			require.NoError(b, g.Validate())
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/graph-%s-%d", s.name, form, workers), func(b *testing.B) {
					rt := newRuntime(b, workers)
					require.NoError(b, g.Run(b.Context(), rt))
					b.ReportAllocs()
					b.ResetTimer()
					for b.Loop() {
						if err := g.Run(b.Context(), rt); err != nil {
							b.Fatal(err)
						}
					}
					perNode(b)
				})
			}
		}
	}
}

// A serialOrder calls the functions of the nodes in order, and counts predecessors
// as a serial runner would have to.
type serialOrder struct {
	run_        []func()
	need, count []int32
	after       [][]int32
	stack       []int32
}

func (s shape) flat(ran []int32) *serialOrder {
	o := &serialOrder{after: s.after()}
	for i, before := range s.before {
		o.run_ = append(o.run_, func() { ran[i]++ })
		o.need = append(o.need, int32(len(before)))
	}
	o.count = make([]int32, len(o.need))
	return o
}

func (o *serialOrder) run() {
	copy(o.count, o.need)
	o.stack = o.stack[:0]
	for i, n := range o.need {
		if n == 0 {
			o.stack = append(o.stack, int32(i))
		}
	}
	for len(o.stack) > 0 {
		i := o.stack[len(o.stack)-1]
		o.stack = o.stack[:len(o.stack)-1]
		o.run_[i]()
		for _, s := range o.after[i] {
			if o.count[s]--; o.count[s] == 0 {
				o.stack = append(o.stack, s)
			}
		}
	}
}

// byHand runs nodes on goroutines: the first successor inline, the others each on
// a goroutine of its own.
type byHand struct {
	run_  []func()
	need  []int32
	count []atomic.Int32
	after [][]int32
	all   sync.WaitGroup
}

func newByHand(s shape, ran []int32) *byHand {
	h := &byHand{after: s.after(), count: make([]atomic.Int32, len(s.before))}
	for i, before := range s.before {
		h.run_ = append(h.run_, func() { ran[i]++ })
		h.need = append(h.need, int32(len(before)))
	}
	return h
}

func (h *byHand) run() {
	for i, n := range h.need {
		h.count[i].Store(n)
	}
	for i, n := range h.need {
		if n == 0 {
			h.all.Go(func() { h.from(int32(i)) })
		}
	}
	h.all.Wait()
}

func (h *byHand) from(i int32) {
	for {
		h.run_[i]()
		next := int32(-1)
		for _, s := range h.after[i] {
			if h.count[s].Add(-1) != 0 {
				continue
			}
			if next < 0 {
				next = s
			} else {
				h.all.Go(func() { h.from(s) })
			}
		}
		if next < 0 {
			return
		}
		i = next
	}
}

// BenchmarkBuild builds graphs: nodes with and without names, which share a function;
// nodes with a function each, and the same nodes by DoN.
func BenchmarkBuild(b *testing.B) {
	const n = 100_000
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("node ", i)
	}
	ran := make([]int32, n)
	for _, s := range []shape{chain(n), dag(n)} {
		for _, form := range []string{"unnamed", "named", "plain", "many"} {
			b.Run(s.name+"/"+form, func(b *testing.B) {
				var g *graph.Graph
				build := func() {
					if form == "plain" || form == "many" {
						g = s.build(ran, form)
					} else {
						g = graph.New(s.name)
					}
					for i, before := range s.before[g.Len():] {
						name := ""
						if form == "named" {
							name = names[i]
						}
						node := g.Add(name, nothing)
						for _, o := range before {
							node.After(g.Nodes()[o])
						}
					}
					if err := g.Validate(); err != nil {
						b.Fatal(err)
					}
				}
				for b.Loop() {
					build()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/node")
				var before, after runtime.MemStats
				g = nil
				runtime.GC()
				runtime.ReadMemStats(&before)
				build()
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/node")
				runtime.KeepAlive(g)
			})
		}
	}
}

// BenchmarkAwaiting lets many nodes wait for promises at once, and reports the
// memory of each beyond its promise: of the graph, and of the run while all wait.
func BenchmarkAwaiting(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 10_000
	}
	rt := newRuntime(b, 2)
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		promises := make([]*future.Promise[int32], n)
		wait := make([]future.Future[int32], n)
		for i := range promises {
			promises[i] = future.NewPromise[int32]()
			wait[i] = promises[i].Future()
		}
		empty := heap()
		g := graph.New("waiting")
		var next atomic.Int64
		f := func(context.Context) future.Future[int32] { return wait[next.Add(1)-1] }
		for range n {
			graph.Await(g, "", f)
		}
		require.NoError(b, g.Validate())
		built := heap()
		done := make(chan error)
		go func() { done <- g.Run(b.Context(), rt) }()
		for next.Load() < int64(n) || rt.Metrics().Queued > 0 {
			runtime.Gosched()
		}
		waiting := heap()
		for i, p := range promises {
			p.Resolve(int32(i))
		}
		require.NoError(b, <-done)
		b.ReportMetric((built-empty)/float64(n), "B/node-built")
		b.ReportMetric((waiting-built)/float64(n), "B/node-waiting")
		runtime.KeepAlive(g)
	}
}
