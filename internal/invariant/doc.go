// SPDX-License-Identifier: Apache-2.0

// Package invariant holds assertions that cost nothing in a release build and
// are on in tests: build with the invariants tag, as make test does.
//
//	if invariant.Enabled {
//		invariant.Check(b >= t, "bottom %d below top %d", b, t)
//	}
package invariant
