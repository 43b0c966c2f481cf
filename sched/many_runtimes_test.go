// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// TestMoreRuntimesThanCores: each waits for a task of the next.
func TestMoreRuntimesThanCores(t *testing.T) {
	n := 2*runtime.NumCPU() + 2
	runtimes := make([]*sched.Runtime, n)
	for i := range runtimes {
		runtimes[i] = newRuntime(t, 2)
	}
	last := future.NewPromise[int]()
	h := sched.Spawn(runtimes[n-1], last.Future())
	for i := n - 2; i >= 0; i-- {
		inner := h
		h = sched.Spawn(runtimes[i], future.Map(future.Future[int](inner), func(v int) int { return v + 1 }))
	}
	var wg sync.WaitGroup
	for _, rt := range runtimes {
		wg.Go(func() {
			for range 50 {
				value(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
					return sched.Await(cx, sched.Go(cx, func(*sched.Context) (int, error) { return 1, nil }))
				}))
			}
		})
	}
	wg.Wait()
	last.Resolve(1)
	assert.Equal(t, n, value(t, h))
}

// TestWaitInsideForAnotherRuntime blocks the worker, and must not confuse it.
func TestWaitInsideForAnotherRuntime(t *testing.T) {
	one, two := newRuntime(t, 1), newRuntime(t, 1)
	assert.Equal(t, 3, value(t, sched.Go(one, func(*sched.Context) (int, error) {
		return value(t, sched.Go(two, func(*sched.Context) (int, error) { return 3, nil })), nil
	})))
}
