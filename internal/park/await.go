// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package park

import "runtime"

// YieldTurn is [Yield] in a loop without bound that does nothing but wait until
// another goroutine writes to a word that the loop reads.
//
// Caller: any.
func YieldTurn() { runtime.Gosched() }
