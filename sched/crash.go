// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"runtime/debug"

	"github.com/pilfer-go/pilfer/workers"
)

// recovered makes a crash of what recover returned in a deferred function that
// runs because user code did not return.
func recovered(v any) workers.Crash {
	if v == nil {
		return workers.Crash{Goexit: true}
	}
	return workers.Crash{Value: v, Stack: debug.Stack()}
}
