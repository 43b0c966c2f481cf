// SPDX-License-Identifier: Apache-2.0

//go:build !amd64 && !explore

package tick

import "time"

// Microsecond is how many ticks a microsecond has.
const Microsecond = 1000

var began = time.Now()

// Now returns the nanoseconds since the start of the program.
//
// Caller: any.
func Now() int64 { return int64(time.Since(began)) }
