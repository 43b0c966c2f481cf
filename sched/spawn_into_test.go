// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// An adder waits for a number, and adds another one. Task and promise are part of it.
type adder struct {
	task   sched.Task[int]
	number future.Promise[int]
	waits  future.Future[int]
	add    int
}

func newAdder(add int) *adder {
	a := &adder{add: add}
	a.waits = a.number.Future()
	return a
}

func (a *adder) Poll(cx *sched.Context) future.Poll[int] {
	p := a.waits.Poll(cx)
	p.Value += a.add
	return p
}

func ExampleSpawnInto() {
	rt, err := sched.New(sched.Workers(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Close()

	a := newAdder(2)
	h := sched.SpawnInto(rt, &a.task, a)
	a.number.Resolve(40)
	fmt.Println(h.Wait(context.Background()))
	// Output: 42 <nil>
}

func TestSpawnIntoOnce(t *testing.T) {
	rt := newRuntime(t, 2)
	a := newAdder(1)
	h := sched.SpawnInto(rt, &a.task, a)
	again := func() { sched.SpawnInto(rt, &a.task, a) }
	require.PanicsWithValue(t, "pilfer: SpawnInto with a Task that was spawned before", again)
	require.PanicsWithValue(t, "pilfer: nil future or function given to SpawnInto", func() {
		sched.SpawnInto[int](rt, new(sched.Task[int]), nil)
	})
	a.number.Resolve(1)
	require.Equal(t, 2, value(t, h))
	require.Panics(t, again, "handles and wakers of the first may be about")
}

func TestSpawnIntoAfterClose(t *testing.T) {
	rt, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	a := newAdder(1)
	_, err = sched.SpawnInto(rt, &a.task, a).Wait(context.Background())
	require.ErrorIs(t, err, sched.ErrClosed)
	require.True(t, a.number.Settled(), "the future was not dropped")
}

// Drop gives the promise up.
func (a *adder) Drop() { future.Drop(a.waits) }

// What is spawned into memory of the caller's takes one allocation less than what is not.
func TestSpawnIntoAllocatesLess(t *testing.T) {
	r := sched.NewRoundRobin()
	allocs := func(spawn func(a *adder) sched.JoinHandle[int]) float64 {
		return testing.AllocsPerRun(200, func() {
			a := newAdder(1)
			h := spawn(a)
			r.Run()
			a.number.Resolve(1)
			r.Run()
			if !h.IsFinished() {
				t.Error("not done")
			}
		})
	}
	into := allocs(func(a *adder) sched.JoinHandle[int] { return sched.SpawnInto(r, &a.task, a) })
	apart := allocs(func(a *adder) sched.JoinHandle[int] { return sched.Spawn(r, future.Future[int](a)) })
	require.Equal(t, apart-1, into)
}

// Every task of many, spawned at workers and woken by each other, ends with its sum.
func TestSpawnIntoMany(t *testing.T) {
	rt := newRuntime(t, 2)
	const n = 1000
	all := make([]*adder, n)
	handles := make([]sched.JoinHandle[int], n)
	value(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
		for i := range all {
			all[i] = newAdder(i)
			handles[i] = sched.SpawnInto(cx, &all[i].task, all[i])
		}
		for _, a := range all {
			sched.Go(cx, func(cx *sched.Context) (int, error) { a.number.ResolveIn(cx, 1); return 0, nil })
		}
		return 0, nil
	}))
	for i, h := range handles {
		require.Equal(t, i+1, value(t, h))
	}
}
