// SPDX-License-Identifier: Apache-2.0

// Package workers runs jobs on a fixed number of goroutines that steal jobs from
// each other when they have none. It knows nothing of futures: package sched
// builds tasks on it. Use it alone for work that never waits.
//
// # Typical use
//
// A [Job] is embedded in what is to be run, so that queueing allocates nothing,
// and its [Runner] says what to do. [Func] makes a Runner of a function:
//
//	pool, err := workers.New(workers.Count(4))
//	if err != nil {
//		return err // an option made no sense
//	}
//	pool.Submit(&workers.Job{Runner: workers.Func(func(w *workers.Worker) {
//		// ... and to split the work, from inside a job:
//		w.Push(&workers.Job{Runner: workers.Func(half)})
//	})})
//	pool.Close() // runs what is queued, then ends the workers
//
// A job that pushes has three ways: [Worker.Push] to the end of the worker's own
// queue, where idle workers find it; [Worker.PushNext] to go on with it right
// after the running job; [Worker.PushYielded] to let all others go first.
//
// Workers keep an operating-system thread each, and park in the kernel, or in Go channels
// if there are more of them than Ps, or by LockThreads(false): they wake fast, but a job that waits in a channel or mutex pays dearly. A job that must
// wait for another one uses [Worker.Help], which runs other jobs meanwhile. An
// ordinary goroutine that wants something small done takes part itself: see
// [Pool.Enter].
//
// # Who may call what
//
//	any goroutine      all methods of [Pool]; [Hold.End]; of Worker only Pool,
//	                   Index, QueueLen and Labels
//	inside a job       all other methods of the [Worker] that the job was given,
//	                   on the job's own goroutine, until it returns
//	a guest            the same, from [Pool.Enter] to [Worker.Leave]
//	no job             [Pool.Close], and Enter
//
// Each method ends with a line that says so.
//
// # Errors and panics
//
// [New] and [Pool.Resize] return an [*OptionError] that names what makes no sense;
// Resize returns [ErrClosed] after Close, and Enter reports false. A job that is
// submitted after Close is never run.
//
// A job that panics, or calls [runtime.Goexit], is told so by
// [Runner.JobCrashed], and its worker goes on. Nothing is logged or swallowed
// here: a [Func] raises its panic again, which ends the process. A panic in
// JobCrashed or in one of the hooks ends the process too.
//
// The worker goes on after Goexit on the same goroutine, inside its deferred
// function; after 16 times another goroutine takes its place.
//
// A job that holds its worker for a second is reported: see [Watchdog].
//
// # Fork-join
//
//	[Join]       two plain functions, each with an argument: no allocation
//	[Recursive]  one function that forks itself, declared once
//	[JoinFunc]   two closures; one allocation, and what they capture
//	[JoinRest]   a call in a loop, of which what is left is on offer meanwhile
//	[JoinSafe]   Join for code that recovers from panics
//	[JoinErr]    two functions that may fail; with [Try], one error cancels all
//	[JoinN]      n calls of a function
//
// A fork and its join are one call, so that no join can be forgotten. Both halves
// are run once each, also if the other one panics.
//
// # Bad use
//
//	what                                   gets
//	a panic between fork and join          the other half is run before the next join
//	                                       around it returns, or the job ends;
//	                                       JoinSafe: before the panic goes on
//	a panic in that half, too              logged with the function's name
//	Goexit in a half                       goes on at the join, as a panic does; in a
//	                                       half that a panic left, ends that half. A
//	                                       job that waits in a join and runs such a
//	                                       half meanwhile ends with it
//	thousands of recovered panics in one   each keeps a level until the join around
//	job, with no join around them          it, or the job, ends
//	Join without a worker's place: after   panic that names the worker, while nobody
//	Leave, or after the job ended          sits in the place
//	the same while a later job or guest    with the invariants tag: the same panic.
//	of another goroutine sits there        Without it: at a fork that thieves ask
//	                                       for, in Try, NewHold and Help, or at a
//	                                       push that wakes somebody; -race sees all
//	the same in a later job of the same    nothing: it is that job's worker
//	goroutine
//	a worker of the half's caller instead  as above: the half was given its own
//	of the half's own
//	a nil function                         panic that names who was given it; in a join,
//	                                       with the invariants tag only: without it, a
//	                                       nil dereference where the half is called
//	a nil Job, or one without a Runner     panic in Submit and its kin, and Post; in
//	                                       Push and its kin with the invariants tag
//	a Level that is none, with Levels      panic that names the levels
//	a lock held across a join              is fine: a join runs only what it waits for
//	a lock held across Help                may never end: Help runs other jobs
//	a half that waits in a channel         withholds its worker
//
// Goroutines are told apart by the address of their descriptor; on machines other
// than amd64, arm64 and 386 they are not, and nothing of this is seen.
//
// README.md has the protocol: the states of a place, who wakes whom, and where each
// proof stands.
package workers
