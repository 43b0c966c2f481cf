// SPDX-License-Identifier: Apache-2.0

package workers

// A Runner is what a [Job] does. Its methods are called by the worker that
// took the job, never by two workers at once for one queueing of the job.
type Runner interface {
	// RunJob does the work. It may push other jobs on w, and keep w only until
	// it returns.
	RunJob(w *Worker)

	// JobCrashed is called instead of a return when RunJob panicked (crash.Value
	// and crash.Stack are set) or called runtime.Goexit (crash.Goexit). It must
	// not panic.
	JobCrashed(w *Worker, crash Crash)
}

// A Job is a place in a queue: embed one in what is to be run, and set its
// Runner before the first push. The same Job may be pushed again once a worker
// has taken it; whoever pushes a Job that lies in a queue already gets it run
// once for each push.
//
// Pushing hands the job over: what it refers to belongs to the worker that
// takes it.
type Job struct {
	Runner Runner // set once, before the first push
}

// A Crash says how user code left a job without returning.
type Crash struct {
	Value  any    // what was passed to panic; nil after Goexit
	Stack  []byte // the stack of the panic; nil after Goexit
	Goexit bool   // runtime.Goexit was called
}

// A Func is a Runner made of a function. Its panics end with the process, as
// in a goroutine: who needs them as values implements Runner.
type Func func(w *Worker)

// RunJob calls f.
func (f Func) RunJob(w *Worker) { f(w) }

// JobCrashed raises a panic of f again, and does nothing after Goexit.
func (f Func) JobCrashed(_ *Worker, crash Crash) {
	if !crash.Goexit {
		panic(crash.Value)
	}
}
