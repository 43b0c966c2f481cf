// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

const (
	sortElements = 10_000_000
	sortFew      = 20_000
	sortWarm     = 1_000_000
)

// A Record is an element that is sorted by its key. There are about four with each,
// told apart by place.
type Record struct {
	Key   int // by which it is sorted
	place int
	_     int // a payload: an array in a struct would double the cost of passing it
}

func byRecordKey(a, b Record) int { return cmp.Compare(a.Key, b.Key) }

// Sorts are what a peer sorts with; nil for what it does not have.
type Sorts struct {
	Ints    func(s []int)    // in increasing order
	Records func(s []Record) // by key
	Stable  func(s []Record) // by key, equal ones in their order
}

// NewSorter returns a runtime that sorts on all CPUs.
func NewSorter(name, how string, sorts Sorts) Runtime {
	rt := Runtime{Name: name, How: how, Open: map[string]Open{}}
	if sorts.Ints != nil {
		rt.Open["sort-int"] = plain(sortInts(orNil(sorts.Ints)))
	}
	if sorts.Records != nil {
		rt.Open["sort-struct"] = plain(sortRecords(false, orNil(sorts.Records)))
	}
	if sorts.Stable != nil {
		rt.Open["sort-stable"] = plain(sortRecords(true, orNil(sorts.Stable)))
	}
	return rt
}

// ratios returns a target of ours for each peer.
func ratios(of string, peers map[string]float64) (targets []Target) {
	for _, p := range sortedKeys(peers) {
		targets = append(targets, Target{Of: of, Metric: "ns", Peer: p, Ratio: peers[p]})
	}
	return targets
}

func sortWorkloads() []Workload {
	return []Workload{
		{
			Name: "sort-int", Unit: "element", Size: sortElements, Small: sortFew, Warm: sortWarm,
			Why:     "10 million random ints",
			Targets: ratios("pilfer", map[string]float64{"serial": 330.0 / 925, "goroutine": 330.0 / 470}),
		},
		{
			Name: "sort-struct", Unit: "element", Size: sortElements, Small: sortFew, Warm: sortWarm,
			Why:     "10 million structs of 24 bytes by a comparison",
			Targets: ratios("pilfer", map[string]float64{"serial": 0.55}),
		},
		{
			Name: "sort-stable", Unit: "element", Size: sortElements, Small: sortFew, Warm: sortWarm,
			Why:     "the same, equal ones in their order",
			Targets: ratios("pilfer", map[string]float64{"serial": 0.6}),
		},
		cilksortWorkload(),
	}
}

// sortInts returns a round that sorts random ints.
func sortInts(sort func(s []int) error) Body {
	var s []int
	return func(sample *Sample, units int) error {
		s = slices.Grow(s[:0], units)[:units]
		sum := fillInts(s)
		if err := sample.Time(units, func() error { return sort(s) }); err != nil {
			return err
		}
		return checkInts(s, sum)
	}
}

// fillInts returns the sum, which wraps.
func fillInts(s []int) (sum int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range s {
		s[i] = int(rng.Uint64())
		sum += s[i]
	}
	return sum
}

func checkInts(s []int, sum int) error {
	for i, x := range s {
		if i > 0 && x < s[i-1] {
			return fmt.Errorf("element %d is less than the one before it", i)
		}
		sum -= x
	}
	if sum != 0 {
		return fmt.Errorf("the sum is off by %d", sum)
	}
	return nil
}

// sortRecords returns a round that sorts random records.
func sortRecords(stable bool, sort func(s []Record) error) Body {
	var s []Record
	return func(sample *Sample, units int) error {
		s = slices.Grow(s[:0], units)[:units]
		rng := rand.New(rand.NewPCG(1, 2))
		sum := 0
		for i := range s {
			s[i] = Record{Key: rng.IntN(units/4 + 1), place: i}
			sum += s[i].Key * (i + 1)
		}
		if err := sample.Time(units, func() error { return sort(s) }); err != nil {
			return err
		}
		for i, x := range s {
			sum -= x.Key * (x.place + 1)
			if i == 0 {
				continue
			}
			if before := s[i-1]; x.Key < before.Key || stable && x.Key == before.Key && x.place < before.place {
				return fmt.Errorf("element %d belongs before the one before it", i)
			}
		}
		if sum != 0 {
			return fmt.Errorf("the sum is off by %d", sum)
		}
		return nil
	}
}

// pilferSorts are the sorts of package par.
func pilferSorts(with func(body func(rt *sched.Runtime) Body) Open) map[string]Open {
	return map[string]Open{
		"sort-int": with(func(rt *sched.Runtime) Body {
			return sortInts(func(s []int) error { return par.SortContext(background, rt, s) })
		}),
		"sort-struct": with(func(rt *sched.Runtime) Body {
			return sortRecords(false, func(s []Record) error { return par.SortFuncContext(background, rt, s, byRecordKey) })
		}),
		"sort-stable": with(func(rt *sched.Runtime) Body {
			return sortRecords(true, func(s []Record) error { return par.SortStableFuncContext(background, rt, s, byRecordKey) })
		}),
		"cilksort": with(pilferCilksort),
	}
}

// serialSorts are those of package slices: one sort, however many workers the
// others have.
func serialSorts() map[string]Open {
	return map[string]Open{
		"sort-int":    plain(sortInts(orNil(slices.Sort[[]int]))),
		"sort-struct": plain(sortRecords(false, orNil(func(s []Record) { slices.SortFunc(s, byRecordKey) }))),
		"sort-stable": plain(sortRecords(true, orNil(func(s []Record) { slices.SortStableFunc(s, byRecordKey) }))),
		"cilksort":    serialCilksort,
	}
}

// goSorts are made by hand: a part for each CPU is sorted by a goroutine, and they
// are merged in pairs.
func goSorts() map[string]Open {
	open := map[string]Open{
		"sort-int": plain(sortInts(orNil(func(s []int) {
			goSort(s, make([]int, len(s)), runtime.GOMAXPROCS(0), slices.Sort, cmp.Compare[int])
		}))),
	}
	for name, sort := range map[string]func(s []Record){
		"sort-struct": func(s []Record) { slices.SortFunc(s, byRecordKey) },
		"sort-stable": func(s []Record) { slices.SortStableFunc(s, byRecordKey) },
	} {
		open[name] = plain(sortRecords(name == "sort-stable", orNil(func(s []Record) {
			goSort(s, make([]Record, len(s)), runtime.GOMAXPROCS(0), sort, byRecordKey)
		})))
	}
	maps.Copy(open, forkCilksort(goFork))
	return open
}

func orNil[S any](sort func(s S)) func(s S) error {
	return func(s S) error {
		sort(s)
		return nil
	}
}

func goSort[E any](s, buffer []E, procs int, sort func(s []E), compare func(a, b E) int) {
	if procs <= 1 {
		sort(s)
		return
	}
	m := len(s) / 2
	var wg sync.WaitGroup
	wg.Go(func() { goSort(s[:m], buffer[:m], procs/2, sort, compare) })
	goSort(s[m:], buffer[m:], procs-procs/2, sort, compare)
	wg.Wait()
	copy(buffer, s)
	a, b := buffer[:m], buffer[m:]
	for i := range s {
		if len(b) == 0 || len(a) > 0 && compare(b[0], a[0]) >= 0 {
			s[i], a = a[0], a[1:]
		} else {
			s[i], b = b[0], b[1:]
		}
	}
}
