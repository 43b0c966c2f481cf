// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// For calls body(i) for each i from 0 to n-1, on all workers, and returns when all
// calls have.
//
// Caller: as the package says.
func For(at sched.Spawner, n int, body func(i int)) {
	_, err := call(context.Background(), at, func(w *workers.Worker, n int) (none, error) {
		workers.JoinN(w, n, func(_ *workers.Worker, i int) { body(i) })
		return none{}, nil
	}, n)
	must(err)
}
