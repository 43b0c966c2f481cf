// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestMetricsCountExactly(t *testing.T) {
	rt := newRuntime(t, 2)
	const tasks, inner = 50, 4
	for range tasks {
		sched.Go(rt, func(cx *sched.Context) (int, error) {
			for range inner {
				sched.Spawn(cx, sched.YieldNow()) // two polls
			}
			return 0, nil
		})
	}
	g := newGate()
	aborted := sched.Spawn(rt, future.Future[int](g))
	testkit.Receive(t, g.polled, "first poll")
	aborted.Abort()
	_, err := sched.BlockOn(testkit.Within(t), rt, future.Ready(1)) // by the caller
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	m := rt.Metrics()
	assert.EqualValues(t, tasks+tasks*inner+2, m.Started)
	assert.Equal(t, m.Started, m.Completed)
	assert.EqualValues(t, tasks+2*tasks*inner+2, m.Polls)
	assert.Zero(t, m.Queued)
	assert.Zero(t, m.Injected)
	assert.Zero(t, m.Blocking)
	assert.Len(t, m.Workers, 2)
	var jobs uint64
	for _, w := range m.Workers {
		jobs += w.Jobs
	}
	assert.GreaterOrEqual(t, jobs, uint64(tasks))
}

// TestMetricsWhileBusy: queues are seen, and a snapshot disturbs nobody.
func TestMetricsWhileBusy(t *testing.T) {
	rt := newRuntime(t, 1)
	release := occupy(t, rt, 1)
	var handles []sched.JoinHandle[int]
	for range 10 {
		handles = append(handles, sched.Spawn(rt, future.Ready(1)))
	}
	m := rt.Metrics()
	assert.Equal(t, 10, m.Injected+m.Queued)
	release()
	for _, h := range handles {
		value(t, h)
	}
}
