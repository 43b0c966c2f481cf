// SPDX-License-Identifier: Apache-2.0

//go:build linux && !explore

package park

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"github.com/pilfer-go/pilfer/internal/point"
)

// haveFutex says whether this build can sleep in a futex.
func haveFutex() bool { return comesFirst }

var comesFirst = valueComesFirst()

// From linux/futex.h. All waiters are threads of this process, which the private
// flag tells the kernel, so that it need not look up what else maps the page.
const (
	futexPrivate = 128
	opWait       = 0 | futexPrivate
	opWake       = 1 | futexPrivate
)

// The build fails if the atomic word is more than its four bytes and the padding
// to the next pointer.
var _ [unsafe.Sizeof(uintptr(0))]struct{} = [unsafe.Sizeof(point.Uint32{})]struct{}{}

// valueComesFirst says whether the address of an atomic word is that of the four
// bytes that the kernel compares. The field is not exported, so the compiler
// cannot tell us, and a later version of its library is free to move it: then
// parkers sleep in channels.
func valueComesFirst() bool {
	var word point.Uint32
	word.Store(parked)
	return *(*uint32)(unsafe.Pointer(&word)) == parked
}

// futexWait sleeps while word holds want. It may return at any time: the caller
// looks at the word again.
//
// Syscall6, which tells the Go runtime that this thread may block. RawSyscall6
// would not: the thread would count as running Go code, and a collection would
// wait for it to stop until somebody wakes it, with the world stopped.
func futexWait(word *point.Uint32, want uint32) {
	_, _, errno := syscall.Syscall6(syscall.SYS_FUTEX,
		uintptr(unsafe.Pointer(word)), opWait, uintptr(want), 0, 0, 0)
	checkWait(errno)
}

// futexWaitFor is futexWait for d at most. It reports whether the time is over.
func futexWaitFor(word *point.Uint32, want uint32, d time.Duration) (over bool) {
	if d <= 0 {
		return true
	}
	t := syscall.NsecToTimespec(int64(min(d, time.Hour))) // fits into 32 bits
	_, _, errno := syscall.Syscall6(syscall.SYS_FUTEX,
		uintptr(unsafe.Pointer(word)), opWait, uintptr(want), uintptr(unsafe.Pointer(&t)), 0, 0)
	checkWait(errno)
	return errno == syscall.ETIMEDOUT && d <= time.Hour
}

func checkWait(errno syscall.Errno) {
	switch errno {
	case 0: // woken
	case syscall.ETIMEDOUT:
	case syscall.EAGAIN: // word had another value already
	case syscall.EINTR: // a signal came
	default:
		// ENOSYS or EPERM from a sandbox: to go on would be to spin for ever.
		panic(fmt.Sprintf("pilfer: futex wait: %v; use the portable parker on this system", errno))
	}
}

// futexWake ends the sleep of one thread in futexWait on word.
//
// RawSyscall6, as a wake never blocks, and telling the runtime about a call
// costs more than the call. The result is of no use: no sleeper is no fault, and
// a system without futexes panics on the sleeper's side.
func futexWake(word *point.Uint32) {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_FUTEX,
		uintptr(unsafe.Pointer(word)), opWake, 1, 0, 0, 0)
}
