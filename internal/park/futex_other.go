// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !explore

package park

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// haveFutex says whether this build can sleep in a futex.
func haveFutex() bool { return false }

const notReady = "pilfer: Parker used before Init"

// futexWait is reached only through a Parker that was never made ready.
func futexWait(*point.Uint32, uint32) { panic(notReady) }

// futexWaitFor is reached only through a Parker that was never made ready.
func futexWaitFor(*point.Uint32, uint32, time.Duration) (over bool) {
	if !haveFutex() { // as an if, so that no linter takes what follows a call for dead code
		panic(notReady)
	}
	return true
}

// futexWake is reached only through a Parker that was never made ready.
func futexWake(*point.Uint32) { panic(notReady) }
