// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
)

// BlockOn polls f on the calling goroutine until it is ready: in the place of
// a parked worker if there is one, else beside the workers. It needs no worker,
// and wakes none for f itself. If ctx ends first, f is dropped, after the poll
// that is under way if there is one, and BlockOn returns the cause.
//
// If f calls runtime.Goexit, the caller's goroutine ends.
//
// Caller: any.
func BlockOn[T any](ctx context.Context, rt *Runtime, f future.Future[T]) (T, error) {
	if f == nil {
		refuseNil("BlockOn")
	}
	t := &task[T]{future: f}
	t.job.Runner = t
	t.rt = rt
	rt.comeOutside() // [drive-race] D1
	defer rt.leaveOutside()
	if rt.closing.Load() && rt.inside() == nil { // [drive-race] D2
		t.refused()
	} else {
		if rt.tracker != nil {
			rt.tracker.born(&t.core)
		}
		t.state.init(queued | shared | anywhere) // in no queue
	}
	h := JoinHandle[T]{t}
	err := t.block(ctx)
	if !h.IsFinished() {
		h.Abort()
		_ = t.block(context.Background()) // it may lie in no queue
		var zero T
		return zero, err
	}
	return t.value, t.err()
}

// YieldNow returns a future that is ready at its second poll: to poll it lets
// the other tasks of the worker go first.
func YieldNow() future.Future[struct{}] { return future.YieldNow() }
