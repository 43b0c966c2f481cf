// SPDX-License-Identifier: Apache-2.0

//go:build explore

package tick

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// Microsecond is how many ticks a microsecond has.
const Microsecond = 1000

var began = time.Now()

// Now returns the nanoseconds since the start of the program. In an exploration, where
// there is no clock, each step of the calling thread takes a microsecond.
//
// Caller: any.
func Now() int64 {
	if n, ok := explore.OwnSteps(); ok {
		return int64(n) * Microsecond
	}
	return int64(time.Since(began))
}
