// SPDX-License-Identifier: Apache-2.0

//go:build !explore

package tick

// Microsecond is how many ticks a microsecond has, taken to be one of a machine
// of 2 GHz: 0.4 to 2 microseconds on others.
const Microsecond = 2000

// Now returns the cycle counter of the CPU. Two CPUs may differ, and a thread may
// move between two calls: a difference may be wrong, even negative.
//
// Caller: any.
func Now() int64
