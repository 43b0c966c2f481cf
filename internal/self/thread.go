// SPDX-License-Identifier: Apache-2.0

package self

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// A Thread says which thread a goroutine is tied to, and how often it has called
// runtime.LockOSThread without the other: what Go compares before it switches to a
// coroutine, and ends the process if it differs. The zero Thread is tied to none.
type Thread struct {
	thread uintptr // 0 unless locks is more than 0
	locks  uint32
}

// Locked reports whether the goroutine is tied to a thread.
//
// Caller: any.
func (t Thread) Locked() bool { return t.locks > 0 }

// locksAt is where in Go's descriptor of a thread the number of locks is, or 0.
// Writers: Learn, once, before any call of Now.
var locksAt uintptr

// Learn finds out where Go keeps the number of locks of a thread, and reports
// whether it did. It must come before the first [Now].
//
// Go has no function for it, and its place changes from version to version. So a
// goroutine locks its thread several times, and looks for the one word that counts
// them.
//
// Caller: any.
func Learn() (known bool) { return learned() }

var learned = sync.OnceValue(func() bool {
	if !canRead {
		return false
	}
	found := make(chan uintptr)
	go func() { found <- findLocks() }()
	locksAt = <-found
	return locksAt != 0
})

const (
	wordSize  = 4
	lookUntil = 1024 // bytes of the descriptor; it has more
)

// findLocks looks for the word that follows the calls of LockOSThread.
func findLocks() (at uintptr) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			at = 0
		}
	}()
	runtime.LockOSThread() // from here on the descriptor is the same
	defer runtime.UnlockOSThread()
	var seen [3][lookUntil / wordSize]uint32
	look := func(n int) {
		for i := range seen[n] {
			_, seen[n][i] = read(uintptr(i) * wordSize)
		}
	}
	look(0)
	runtime.LockOSThread()
	runtime.LockOSThread()
	look(1)
	runtime.UnlockOSThread()
	look(2)
	runtime.UnlockOSThread()
	for i := range seen[0] {
		if seen[0][i] != 1 || seen[1][i] != 3 || seen[2][i] != 2 {
			continue
		}
		if at != 0 {
			return 0 // two words do: neither is sure
		}
		at = uintptr(i) * wordSize
	}
	return at
}

// Now returns the Thread of the calling goroutine, or the zero one if [Learn] has
// not found out. About 2 ns.
//
// Caller: any, after Learn.
func Now() Thread {
	if locksAt == 0 {
		return Thread{}
	}
	thread, locks := read(locksAt)
	if locks == 0 {
		return Thread{}
	}
	return Thread{thread, locks}
}

// Mend locks or unlocks the thread of the calling goroutine until it is what it was
// at t, and reports whether it is: a goroutine that was not tied to its thread in
// between may be on another one by now.
//
// Caller: any, after Learn.
func (t Thread) Mend() bool {
	now := Now()
	for ; now.locks > t.locks; now.locks-- {
		runtime.UnlockOSThread()
	}
	for ; now.locks < t.locks; now.locks++ {
		runtime.LockOSThread()
	}
	return Now() == t
}
