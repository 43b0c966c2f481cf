// SPDX-License-Identifier: Apache-2.0

package bench

// behind says, by workload, why a peer may be ahead of us there. The page prints
// it where one is.
var behind = map[string]string{
	"nqueens":     "The check of a board is compiled to fewer instructions there.",
	"uts-t1":      "The SHA-1 of the native libraries is faster than that of Go.",
	"uts-t3":      "The SHA-1 of the native libraries is faster than that of Go.",
	"matmul":      "The native compilers make vector instructions of the inner loop, Go's does not.",
	"integrate":   "The serial codes are as far apart: it is the compiler, not the fork.",
	"sort-struct": "Go calls the comparison through a pointer for each pair; Rust compiles a sort for it.",
	"sort-stable": "Go calls the comparison through a pointer for each pair; Rust compiles a sort for it.",

	"spawn-inside": "Workers on a channel run functions: no handle, result, panic or cancellation comes with them, and their closures are smaller than a task.",
	"submit-1":     "Workers on a channel run functions and have no bound of their own: the sender waits when 1024 are pending. A task of ours is an object with a handle, a state and room for a result, which costs its allocation.",
	"submit-8":     "As in submit-1; and a task of ours is an object of its own, which the collector has to find.",

	"chained-spawn": "A pool of functions has no handle to make, and with one function at a time its queue is a lock that nobody else wants.",

	"chain":     "A goroutine that goes on with the first successor needs one counter for a node. Our nodes have a context and an error to look at, and a place where a panic is caught.",
	"wavefront": "A goroutine that goes on with the first successor needs one counter for a node. Our nodes have a context and an error to look at, and a place where a panic is caught.",

	"hop":         "A channel for one message is an object for the collector; Rust frees it at once and gets it back warm.",
	"one-shot":    "A channel for one message is an object for the collector; Rust frees it at once and gets it back warm.",
	"graph-build": "A node of ours is bigger than it need be for a plain function, and validation looks for cycles, which Taskflow does not.",

	"wake":                "Go hands a channel's value straight to a goroutine that its own scheduler runs next. A worker on a thread of its own is woken by the kernel, and its answer by Go's scheduler; chan-locked shows what that costs without us.",
	"wake-beside-1":       "As in wake: the thread of a worker competes with the busy goroutines for a P, where Go's own hand-over does not wait for one.",
	"wake-beside-2":       "As in wake: the thread of a worker competes with the busy goroutines for a P, where Go's own hand-over does not wait for one.",
	"wake-tight":          "As in wake.",
	"wake-tight-beside-1": "As in wake-beside-1.",
	"wake-tight-beside-2": "As in wake-beside-1.",
	"wake-busy-woken":     "The job that wakes the task is in the middle of its work: the worker polls the task when the job ends or gives way, at the latest after the 10 ms of Go's own scheduler.",
	"wake-request":        "As in wake: two hand-overs between Go's scheduler and a worker.",
	"wake-request-tight":  "As in wake-request.",
	"wake-busy":           "A detached task is a goroutine of its own; its handle and its task are made besides.",
	"await-ready":         "Rust compiles the whole task into one function; a wait of ours asks whether its coroutine may go on here, and calls the future through an interface.",
	"await-suspend":       "A wait that gives way switches to the coroutine and back, which takes as long as iter-pull, and polls through the queue; Gosched switches once, and Rust makes a state machine of the function, as yield does here.",
	"mutex":               "Go compiles the fast path of sync.Mutex into the caller.",
	"idle":                "Workers that have parked do not run at all; what is left are the timers of Go's own runtime.",
}

// Behind returns why a peer may be ahead of us in a workload.
func Behind(workload string) string { return behind[workload] }
