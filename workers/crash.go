// SPDX-License-Identifier: Apache-2.0

package workers

import "runtime/debug"

// crashOf makes a Crash of what recover returned in a deferred function that
// runs because a job did not return.
func crashOf(recovered any) Crash {
	if recovered == nil {
		return Crash{Goexit: true}
	}
	return Crash{Value: recovered, Stack: debug.Stack()}
}

// protect runs a job that may crash, for callers that are not a worker's loop.
// It reports whether the job returned or panicked; after Goexit it does not
// return.
func (w *Worker) protect(j *Job) {
	returned := false
	defer func() {
		if !returned {
			j.Runner.JobCrashed(w, crashOf(recover()))
		}
	}()
	w.count.jobs++
	j.Runner.RunJob(w)
	returned = true
}
