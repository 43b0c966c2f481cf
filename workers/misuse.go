// SPDX-License-Identifier: Apache-2.0

package workers

import "fmt"

// refuseNil panics because who was given no function: where it was called, and not
// where the function would be.
func refuseNil(who string) { panic("pilfer: nil function given to " + who) }

// checkFork is what a join looks at under the invariants tag only: each look would be
// a part of each fork.
//
// Caller: owner, inside a job.
func (w *Worker) checkFork(noHalf bool, who string) {
	w.checkSitter()
	if noHalf {
		refuseNil(who)
	}
}

// checkJob panics if who was given a job that no worker could run.
func checkJob(j *Job, who string) {
	if j == nil || j.Runner == nil {
		panic("pilfer: a nil Job, or one without a Runner, given to " + who)
	}
}

// refuseLevel panics because who was given no level.
func refuseLevel(who string, l Level) {
	panic(fmt.Sprintf("pilfer: %s: got %v, want Urgent, High, Normal or Low", who, l))
}
