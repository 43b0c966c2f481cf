// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/workers"
)

// Drive runs jobs, and what they push, until done is ready, with the caller
// taking part: in the place of a parked worker if there is one, else the jobs
// are queued. It is for those who build schedulers of their own on the pool, as
// graph does; jobs must crash into their own errors. Drive returns done's
// error, [ErrClosed], or the cause why ctx ended; the jobs go on then.
//
// Caller: any; inside a task its worker takes part.
func (rt *Runtime) Drive(ctx context.Context, jobs []*workers.Job, done future.Future[struct{}]) error {
	if done == nil {
		refuseNil("Drive")
	}
	rt.comeOutside() // [drive-race] D1: Close waits for us
	defer rt.leaveOutside()
	if w := rt.pool.Current(); w != nil {
		for _, j := range jobs {
			w.Push(j)
		}
	} else if rt.closing.Load() { // [drive-race] D2
		return ErrClosed
	} else if w, ok := rt.pool.Enter(); ok {
		runJobs(w, jobs)
	} else {
		rt.pool.SubmitBatch(jobs)
	}
	_, err := waitFor(ctx, rt, done)
	return err
}

// Proof [drive-race]: Close does not end while jobs of Drive are to be run.
//
//	Drive                        Close
//	  D1  comeOutside              E1  closing.Store(true)
//	  D2  read closing             E2  read busyOutside
//
// D1 before E2 in S: E2 sees the count, and Close waits for doneOutside. Otherwise
// E1, E2, D1, D2: D2 sees closing, and nothing is pushed. (cross)
//
// Checked by: TestDriveRacesWithClose.

// runJobs runs jobs, and what they push, in a place that the caller has entered.
// A job that calls runtime.Goexit ends the caller, who leaves the place first.
func runJobs(w *workers.Worker, jobs []*workers.Job) {
	defer w.Leave()
	for _, j := range jobs {
		w.Push(j)
	}
	w.RunUntil(func() bool { return false })
}

// CrashError makes an error of the way in which a job's code left: a
// [*PanicError] or [ErrGoexit]. task is the name that the error carries.
func CrashError(crash workers.Crash, task string) error { return crashError(crash, task) }
