// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// on calls f with a worker of at, for functions without an error of their own.
// A panic of f goes on in the caller. After Close of the runtime it panics with
// [sched.ErrClosed].
func on[T any](at sched.Spawner, f func(w *workers.Worker) T) T {
	v, err := sched.Call(context.Background(), at, func(w *workers.Worker) (T, error) { return f(w), nil })
	if err != nil {
		panic(err)
	}
	return v
}
