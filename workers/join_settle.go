// SPDX-License-Identifier: Apache-2.0

package workers

// Forks returns how many forks of this worker are not joined: what [Worker.Settle]
// takes.
//
// Caller: owner, inside a job.
func (w *Worker) Forks() int { return w.hi }

// Settle joins the forks whose join will never come, as a panic left the functions
// that forked them, down to n of them. It is for code that recovers and goes on at
// once: else the next enclosing join does it, or the end of the job. Unlike
// [JoinSafe] it costs nothing where nothing panics.
//
// Caller: owner, inside a job.
func (w *Worker) Settle(n int) {
	if w.hi > n {
		w.settleForks(n)
	}
}
