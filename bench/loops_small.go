// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"runtime"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

// The row of this file is a loop that is not worth sharing: what it costs to find out.

const (
	small         = "for-100"
	smallElements = 100
)

func smallLoopWorkload() Workload {
	return Workload{
		Name: small, Unit: "loop", Size: 200_000, Small: 500,
		Why:     "a loop that calls a trivial function 100 times, for an ordinary goroutine: what it costs to find out that it is not worth sharing",
		Targets: []Target{{Metric: "ns", Peer: "serial", Max: 50, Minus: true}},
	}
}

// smallBody has a loop call f for each element, which counts up by its number.
func smallBody(loop func(f func(i int))) Body {
	return func(s *Sample, units int) error {
		all := make([]uint64, smallElements)
		f := func(i int) { all[i] += uint64(i) }
		err := s.Time(units, func() error {
			for range units {
				loop(f)
			}
			return nil
		})
		for i, v := range all {
			if want := uint64(i * units); err == nil && v != want {
				err = fmt.Errorf("element %d is %d, want %d", i, v, want)
			}
		}
		return err
	}
}

func eachOf(lo, hi int, f func(i int)) {
	for i := lo; i < hi; i++ {
		f(i)
	}
}

func pilferSmall(rt *sched.Runtime) Body {
	return smallBody(func(f func(i int)) { par.For(rt, smallElements, f) })
}

func serialSmall(s *Sample, units int) error {
	return smallBody(func(f func(i int)) { eachOf(0, smallElements, f) })(s, units)
}

// plainSmall is shared by hand, whatever it costs: nobody looks at the clock first.
func plainSmall(s *Sample, units int) error {
	procs := runtime.GOMAXPROCS(0)
	return smallBody(func(f func(i int)) {
		together(procs, func(k int) {
			lo, hi := cut(smallElements, k, procs)
			eachOf(lo, hi, f)
		})
	})(s, units)
}

// peerSmall is nil if a peer has no such loop.
func peerSmall(by Looper) Body {
	switch {
	case by.Range != nil:
		return smallBody(func(f func(i int)) { by.Range(smallElements, func(lo, hi int) { eachOf(lo, hi, f) }) })
	case by.Rows != nil:
		rows := make([]int64, smallElements)
		return smallBody(func(f func(i int)) {
			by.Rows(rows, func(i int) int64 { f(i); return 0 })
		})
	}
	return nil
}
