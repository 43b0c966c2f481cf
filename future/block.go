// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"

	"github.com/pilfer-go/pilfer/waker"
)

// Block polls f on the calling goroutine until it is ready, and sleeps in between.
// If ctx ends first, f is dropped and Block returns the cause. A future that is
// ready at its first poll counts even if ctx has ended.
//
// It is for ordinary goroutines, and needs no runtime. Inside a task it withholds
// the worker: poll f there, or use sched.Await.
//
// Caller: any goroutine that may sleep.
func Block[T any](ctx context.Context, f Future[T]) (T, error) {
	refuseNil(f, "Block")
	if ctx == nil {
		panic("future: nil context")
	}
	ready := false
	defer func() {
		if !ready {
			Drop(f)
		}
	}()
	s := &sleeper{make(chan struct{}, 1)}
	cx := waker.NewContext(waker.New(s))
	for {
		if p := f.Poll(cx); p.Ready {
			ready = true
			return p.Value, p.Err
		}
		select {
		case <-s.bell:
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
	}
}

// A sleeper is a goroutine that waits for a wake. Its channel keeps one.
type sleeper struct{ bell chan struct{} }

// WakeBy lets the goroutine poll again.
//
// Caller: any.
func (s *sleeper) WakeBy(waker.Local) {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}
