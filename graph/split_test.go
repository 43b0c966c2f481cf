// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// The rest of a job's nodes is handed over as it lies: among long nodes that happens
// again and again, and a copy each time would make a million nodes take minutes.
func TestRestIsHandedOverWhole(t *testing.T) {
	x := &exec{}
	j := x.newJob()
	for i := range int32(1000) {
		j.ids = append(j.ids, i)
	}
	first := &j.ids[1]
	one := j.split(1)
	require.Equal(t, []int32{0}, one.ids)
	rest := j.split(999)
	require.Same(t, first, &rest.ids[rest.lo])
	require.Equal(t, 999, len(rest.ids)-rest.lo)
	require.Empty(t, j.ids[j.lo:])
}

// The next node of a job has nothing of one that waits: for a future, or for a
// semaphore.
func TestFailureBesideANodeThatWaits(t *testing.T) {
	rt, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	defer func() { require.NoError(t, rt.Close()) }()
	for _, beside := range []string{"waits", "queues"} {
		first, s := NewSemaphore("first", 1), NewSemaphore("s", 1) // acquired in this order
		g := New("g")
		var p *future.Promise[int]
		oneJob := false
		root := g.Do("", func() {})
		waits := Await(g, "waits", func(context.Context) future.Future[int] { return p.Future() }).Node().Uses(s, 1)
		queues := g.Do("queues", func() {}).Uses(first, 1).Uses(s, 1)
		bad := g.Add("bad", func(context.Context) error { return errLarge })
		looks := g.Do("looks", func() {
			if oneJob && (s.Free() != 0 || first.Free() != 0) {
				t.Errorf("after bad beside %s: free: %d and %d, though in use", beside, s.Free(), first.Free())
			}
			p.Resolve(1)
		})
		after := func(nodes ...*Node) {
			for _, n := range nodes {
				n.After(root)
			}
		}
		after(waits)                     // the first is run first, then the last
		after(g.DoN(3, func(int) {})...) // for another job, if there is to be one
		if beside == "waits" {
			after(looks, queues, bad)
		} else {
			after(looks, bad, queues)
		}
		for _, oneJob = range []bool{false, true} {
			if oneJob { // as after many nodes that were short; these are too few to count
				require.Len(t, g.plan.Load().free, 1)
				g.plan.Load().free[0].fine.Store(true)
			}
			p = future.NewPromise[int]()
			require.ErrorIs(t, g.Run(t.Context(), rt, OnFailure(StopDependents)), errLarge)
			require.Equal(t, [2]int{1, 1}, [2]int{s.Free(), first.Free()})
		}
	}
}
