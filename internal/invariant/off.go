// SPDX-License-Identifier: Apache-2.0

//go:build !invariants

package invariant

// Enabled says whether assertions are compiled in. Guard every check by it, so
// that the compiler drops check and arguments from a release build.
const Enabled = false

// Check does nothing in a release build.
//
// Caller: any.
func Check(bool, string, ...any) {}
