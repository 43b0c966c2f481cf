// SPDX-License-Identifier: Apache-2.0

//go:build explore

package park

import (
	"runtime"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// YieldTurn is [Yield] in a loop without bound that does nothing but wait until
// another goroutine writes to a word that the loop reads.
//
// Caller: any.
func YieldTurn() {
	if !explore.Spin() {
		runtime.Gosched()
	}
}
