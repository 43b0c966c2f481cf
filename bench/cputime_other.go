// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package bench

import "time"

// cpuTime returns 0: it is read on Unix only.
func cpuTime() time.Duration { return 0 }
