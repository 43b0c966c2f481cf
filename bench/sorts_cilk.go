// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"runtime"
	"slices"
	"sync"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// Cilksort is a merge sort whose halves and merges fork, from the examples of Cilk:
// a fork-join row with leaves that touch memory.
func cilksortWorkload() Workload {
	return Workload{
		Name: "cilksort", Unit: "element", Size: sortElements, Small: sortFew, Warm: sortWarm,
		Why:     "10 million random ints by a merge sort that forks, written with Join; ns x workers",
		Targets: ratios("pilfer", map[string]float64{"serial": 1.03}),
	}
}

const (
	cilkSortLeaf  = 2048 // as in Cilk's example
	cilkMergeLeaf = 2048
)

// A cilkPart is a part that is sorted into itself, with its part of the buffer.
type cilkPart struct{ s, buffer []int }

// halves returns both halves.
func (p cilkPart) halves() (a, b cilkPart) {
	m := len(p.s) / 2
	return cilkPart{p.s[:m], p.buffer[:m]}, cilkPart{p.s[m:], p.buffer[m:]}
}

// quarters returns the parts that are sorted, each half, and how they are merged:
// quarters into the buffer, and its halves back.
func (p cilkPart) quarters() (left, right [2]cilkPart, merges [3]cilkMerge) {
	a, b := p.halves()
	left[0], left[1] = a.halves()
	right[0], right[1] = b.halves()
	return left, right, [3]cilkMerge{
		{a.buffer, left[0].s, left[1].s},
		{b.buffer, right[0].s, right[1].s},
		{p.s, a.buffer, b.buffer},
	}
}

// A cilkMerge is two parts in order, and where they are merged to.
type cilkMerge struct{ dst, a, b []int }

// split returns two merges that make one, or true if it is short.
func (m cilkMerge) split() (left, right cilkMerge, short bool) {
	if len(m.dst) <= cilkMergeLeaf {
		return left, right, true
	}
	if len(m.a) < len(m.b) {
		m.a, m.b = m.b, m.a // equal ints are the same
	}
	i := len(m.a) / 2
	j, _ := slices.BinarySearch(m.b, m.a[i])
	return cilkMerge{m.dst[:i+j], m.a[:i], m.b[:j]}, cilkMerge{m.dst[i+j:], m.a[i:], m.b[j:]}, false
}

func (m cilkMerge) serial() {
	i, j := 0, 0
	for i < len(m.a) && j < len(m.b) {
		x, y, second := m.a[i], m.b[j], 0
		if y < x {
			x, second = y, 1
		}
		m.dst[i+j] = x
		j += second
		i += 1 - second
	}
	n := i + j + copy(m.dst[i+j:], m.a[i:])
	copy(m.dst[n:], m.b[j:])
}

func serialCilk(p cilkPart) {
	if len(p.s) <= cilkSortLeaf {
		slices.Sort(p.s)
		return
	}
	left, right, merges := p.quarters()
	for _, q := range left {
		serialCilk(q)
	}
	for _, q := range right {
		serialCilk(q)
	}
	for _, m := range merges {
		serialCilkMerge(m)
	}
}

func serialCilkMerge(m cilkMerge) {
	left, right, short := m.split()
	if short {
		m.serial()
		return
	}
	serialCilkMerge(left)
	serialCilkMerge(right)
}

func joinCilk(w *workers.Worker, p cilkPart) none {
	if len(p.s) <= cilkSortLeaf {
		slices.Sort(p.s)
		return none{}
	}
	left, right, merges := p.quarters()
	workers.Join(w, joinCilkPair, left, joinCilkPair, right)
	workers.Join(w, joinCilkMerge, merges[0], joinCilkMerge, merges[1])
	return joinCilkMerge(w, merges[2])
}

func joinCilkPair(w *workers.Worker, p [2]cilkPart) none {
	workers.Join(w, joinCilk, p[0], joinCilk, p[1])
	return none{}
}

func joinCilkMerge(w *workers.Worker, m cilkMerge) none {
	left, right, short := m.split()
	if short {
		m.serial()
		return none{}
	}
	workers.Join(w, joinCilkMerge, left, joinCilkMerge, right)
	return none{}
}

func forkCilk(fork forker, p cilkPart) {
	if len(p.s) <= cilkSortLeaf {
		slices.Sort(p.s)
		return
	}
	left, right, merges := p.quarters()
	pair := func(p [2]cilkPart) {
		fork(func() { forkCilk(fork, p[0]) }, func() { forkCilk(fork, p[1]) })
	}
	fork(func() { pair(left) }, func() { pair(right) })
	fork(func() { forkCilkMerge(fork, merges[0]) }, func() { forkCilkMerge(fork, merges[1]) })
	forkCilkMerge(fork, merges[2])
}

func forkCilkMerge(fork forker, m cilkMerge) {
	left, right, short := m.split()
	if short {
		m.serial()
		return
	}
	fork(func() { forkCilkMerge(fork, left) }, func() { forkCilkMerge(fork, right) })
}

// cilkBody is a round on so many cores. The buffer is there before.
func cilkBody(cores int, sort func(p cilkPart) error) Body {
	var buffer []int
	run := sortInts(func(s []int) error { return sort(cilkPart{s, buffer}) })
	return func(s *Sample, units int) error {
		s.Cores = cores
		buffer = slices.Grow(buffer[:0], units)[:units]
		return run(s, units)
	}
}

func pilferCilksort(rt *sched.Runtime) Body {
	return cilkBody(rt.Workers(), func(p cilkPart) error {
		_, err := sched.Call(background, rt, func(w *workers.Worker) (none, error) { return joinCilk(w, p), nil })
		return err
	})
}

// serialCilksort sorts as many copies at once as there are workers: what the
// machine gives without a runtime.
func serialCilksort(copies int) (Body, func() error, error) {
	others := make([]cilkPart, copies-1)
	body := cilkBody(1, func(p cilkPart) error {
		var wg sync.WaitGroup
		for _, o := range others {
			wg.Go(func() { serialCilk(o) })
		}
		serialCilk(p)
		wg.Wait()
		return nil
	})
	return func(s *Sample, units int) error {
		for i := range others {
			o := &others[i]
			*o = cilkPart{slices.Grow(o.s[:0], units)[:units], slices.Grow(o.buffer[:0], units)[:units]}
			fillInts(o.s)
		}
		return body(s, units)
	}, func() error { return nil }, nil
}

// forkCilksort is how a runtime of closures does it. It is taken to use all CPUs.
func forkCilksort(fork forker) map[string]Open {
	return map[string]Open{"cilksort": func(int) (Body, func() error, error) {
		body := cilkBody(runtime.GOMAXPROCS(0), func(p cilkPart) error {
			forkCilk(fork, p)
			return nil
		})
		return body, func() error { return nil }, nil
	}}
}
