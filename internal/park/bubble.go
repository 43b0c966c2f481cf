// SPDX-License-Identifier: Apache-2.0

package park

import (
	"bytes"
	"runtime"
)

// headerSize holds the longest first line of a stack trace up to the bubble, with
// goroutine and bubble numbers of 20 digits each.
const headerSize = 128

// InBubble says whether the calling goroutine runs inside a testing/synctest
// bubble. There a thread asleep in the kernel stops virtual time, and a channel
// made outside cannot be used: a runtime created in a bubble needs portable
// parkers.
//
// Go offers no call for it, so this reads the header that the runtime prints
// above a stack trace, which takes microseconds (BenchmarkInBubble): ask once for each runtime, not for each
// wait. A Go version that words the header differently makes it answer false;
// TestInBubble is there to notice.
//
// Caller: any.
func InBubble() bool {
	var buf [headerSize]byte
	return headerInBubble(buf[:runtime.Stack(buf[:], false)])
}

// headerInBubble looks for the bubble in a line such as
//
//	goroutine 7 [running, locked to thread, synctest bubble 1]:
//
// Profiler labels may follow inside the brackets, with any text a user put there.
func headerInBubble(trace []byte) bool {
	header, _, _ := bytes.Cut(trace, []byte{'\n'})
	header, _, _ = bytes.Cut(header, []byte(" labels:{"))
	return bytes.Contains(header, []byte(", synctest bubble "))
}
