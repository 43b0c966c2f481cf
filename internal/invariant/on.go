// SPDX-License-Identifier: Apache-2.0

//go:build invariants

package invariant

import "fmt"

// Enabled says whether assertions are compiled in. Guard every check by it, so
// that the compiler drops check and arguments from a release build.
const Enabled = true

// Check panics with the formatted message unless ok.
//
// Caller: any.
func Check(ok bool, format string, args ...any) {
	if !ok {
		panic("pilfer: invariant broken: " + fmt.Sprintf(format, args...))
	}
}
