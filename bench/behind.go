// SPDX-License-Identifier: Apache-2.0

package bench

// A Reason says why a peer may be ahead of us.
type Reason struct {
	Why      string // in a sentence or two
	Decision string // the page of docs/decisions that has the evidence, without its .md
}

const (
	costOfCall   = "0023-a-call-for-each-element"
	costOfNode   = "0029-what-a-node-costs"
	costOfSubmit = "0021-what-a-submit-costs"
	coroutine    = "0031-coroutines"
	lateThief    = "0036-rounds-of-blocks"
	language     = "0015-where-native-peers-are-ahead"
	messages     = "0018-channels-and-locks"
	sleeping     = "0003-where-to-sleep"
	sorting      = "0013-sorting"
	timers       = "0019-timers"
	whatIsEqual  = "0025-what-a-row-compares"
)

// levelRow is for rows that nobody wins.
const levelRow = "All that share the work well come out at the serial code, within the noise of a run: who is first changes from run to run."

// behindGo says, by workload, why a Go peer may be ahead of us there. The page prints
// it where one is.
var behindGo = map[string]Reason{
	"spawn-inside":  {"Workers on a channel run functions: no handle, result, panic or cancellation comes with them, and their closures are smaller than a task. spawn-result compares equal work.", whatIsEqual},
	"submit-1":      {"Workers on a channel run functions and have no bound of their own: the sender waits when 1024 are pending. A task of ours is an object with a handle, a state and room for a result, which costs its allocation. submit-result compares equal work.", costOfSubmit},
	"submit-8":      {"As in submit-1; and a task of ours is an object of its own, which the collector has to find.", costOfSubmit},
	"spawn-result":  {"Both sides make two objects for each task: a task and its future, a closure and its channel.", whatIsEqual},
	"submit-result": {"Both sides make two objects for each task: a task and its future, a closure and its channel.", whatIsEqual},
	"chained-spawn": {"A pool of functions has no handle to make, and with one function at a time its queue is a lock that nobody else wants.", whatIsEqual},

	"scan":        {"par.Scan calls the operation for each element, twice with several workers; the hand-written loops add in place, as pilfer-blocks does with par.ScanBlocks.", costOfCall},
	"map":         {"par.Map calls the function for each element; the hand-written loop has it compiled in, as pilfer-blocks.", costOfCall},
	"matmul":      {levelRow, whatIsEqual},
	"mandelbrot":  {levelRow, whatIsEqual},
	"primes":      {levelRow, whatIsEqual},
	"sum":         {levelRow, whatIsEqual},
	"sort-struct": {"sorty asks one function to compare two places and to swap them; ours compares two values as slices.SortFunc does, and each is copied for the call.", sorting},

	"chain":          {"A goroutine that goes on with the first successor needs one counter for a node. Our nodes have a context and an error to look at, and a place where a panic is caught.", costOfNode},
	"chain-1m":       {"As in chain.", costOfNode},
	"wavefront":      {"As in chain.", costOfNode},
	"wavefront-2048": {"As in chain.", costOfNode},
	"dag":            {"As in chain.", costOfNode},

	"graph-matmul":       {"As in graph-blackscholes.", lateThief},
	"graph-mnist":        {"As in graph-blackscholes.", lateThief},
	"graph-blackscholes": {"A worker that sleeps in a channel is woken by another in the middle of its job, and Go has it run 60 to 100 us later, half of a round; goroutines that are started one after the other are taken at once.", lateThief},

	"channel":   {"While sender and receiver run at once, the lines of our channel move between the cores for each message.", messages},
	"mpsc-4":    {"As in channel.", messages},
	"mutex":     {"Go compiles the fast path of sync.Mutex into the caller.", messages},
	"semaphore": {"As in mutex.", messages},

	"await-suspend": {"A wait that gives way switches to the coroutine and back, which takes as long as iter-pull, and polls through the queue besides; Gosched switches once. yield is the same as a state machine.", coroutine},

	"timer-fire": {"The wheel has ticks of 0.26 ms, and a task that is due waits for those before it in the queue of its worker.", timers},

	"wake":                {"Go hands a channel's value straight to a goroutine that its own scheduler runs next. A worker on a thread of its own is woken by the kernel, and its answer by Go's scheduler; chan-locked shows what that costs without us.", sleeping},
	"wake-beside-1":       {"As in wake: the thread of a worker competes with the busy goroutines for a P, where Go's own hand-over does not wait for one.", sleeping},
	"wake-beside-2":       {"As in wake-beside-1.", sleeping},
	"wake-tight":          {"As in wake.", sleeping},
	"wake-tight-beside-1": {"As in wake-beside-1.", sleeping},
	"wake-tight-beside-2": {"As in wake-beside-1.", sleeping},
	"wake-busy":           {"Jobs hold all Ps, so both sides wait for Go's scheduler; we make a task and its handle besides.", "0004-who-polls"},
	"wake-busy-woken":     {"The job that wakes the task is in the middle of its work: the worker polls the task when the job ends or gives way, at the latest after the 10 ms of Go's own scheduler.", "0004-who-polls"},
	"wake-request":        {"As in wake: two hand-overs between Go's scheduler and a worker.", sleeping},
	"wake-request-tight":  {"As in wake-request; a goroutine that waits for a goroutine is put where its P looks next, a task into a queue that any worker may take from.", sleeping},
	"idle":                {"Workers that have parked do not run at all; what is left are two ticks of the monitor after the last job, and Go's own wake-ups, which are as many for every runtime here.", "0001-idle-set"},
}

// behindNative says the same of native peers.
var behindNative = map[string]Reason{
	"nqueens":     {"The check of a board is compiled to fewer instructions there.", language},
	"uts-t1":      {"The SHA-1 of the native libraries is faster than that of Go.", language},
	"uts-t3":      {"The SHA-1 of the native libraries is faster than that of Go.", language},
	"mandelbrot":  {levelRow, whatIsEqual},
	"primes":      {levelRow, whatIsEqual},
	"sum":         {levelRow, whatIsEqual},
	"map":         {levelRow, whatIsEqual},
	"matmul":      {"The native compilers make vector instructions of the inner loop, Go's does not.", language},
	"integrate":   {"The serial codes are as far apart: it is the compiler, not the fork.", language},
	"sort-int":    {"Rust's serial sort is as far ahead of Go's.", sorting},
	"sort-struct": {"Go calls the comparison through a pointer for each pair; Rust compiles a sort for it.", sorting},
	"sort-stable": {"Go calls the comparison through a pointer for each pair; Rust compiles a sort for it.", sorting},

	"graph-build": {"A node of ours is bigger than it need be for a plain function, and validation looks for cycles, which Taskflow does not.", costOfNode},

	"hop":      {"A channel for one message is an object for the collector; Rust frees it at once and gets it back warm.", language},
	"one-shot": {"A channel for one message is an object for the collector; Rust frees it at once and gets it back warm.", language},

	"timer-arm": {"A timer of Tokio lies in its task; ours is an object of its own, so that it can be shared and dropped anywhere.", timers},
	"wake":      {"A thread that waits for a task of Tokio sleeps in the kernel, and the worker wakes it; a goroutine has to be run by Go's scheduler then.", sleeping},

	"await-ready":   {"Rust compiles the whole task into one function; a wait of ours asks whether its coroutine may go on here.", language},
	"await-suspend": {"Rust makes a state machine of the function, as yield is here; a coroutine has to switch stacks twice.", language},
}

// Behind returns why a peer, native or not, may be ahead of us in a workload.
func Behind(workload string, native bool) (Reason, bool) {
	of := behindGo
	if native {
		of = behindNative
	}
	r, ok := of[workload]
	return r, ok
}

// Reasons is how many there are.
func Reasons() int { return len(behindGo) + len(behindNative) }
