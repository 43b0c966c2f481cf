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
// What the job forked is joined before protect returns; after Goexit it does not
// return.
func (w *Worker) protect(j *Job) {
	base, scopes := w.hi, len(w.scopes)
	returned := false
	defer func() {
		if !returned {
			crash := w.CrashOf(recover())
			w.settleForks(base)
			w.scopes = w.scopes[:scopes]
			j.Runner.JobCrashed(w, crash)
		}
	}()
	w.count.jobs++
	j.Runner.RunJob(w)
	if w.hi != base {
		w.settleForks(base)
	}
	returned = true
}
