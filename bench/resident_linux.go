// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"os"
	"runtime/debug"
)

// residentBytes returns the memory of the process, after the runtime has given
// back what it does not use.
func residentBytes() uint64 {
	debug.FreeOSMemory()
	var size, resident uint64
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * uint64(os.Getpagesize())
}
