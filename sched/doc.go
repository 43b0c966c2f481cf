// SPDX-License-Identifier: Apache-2.0

// Package sched is the runtime of pilfer: it runs tasks on a pool of workers that
// steal from each other.
//
// # Five minutes
//
// A task is a [future.Future] that a worker polls to its end, or a plain function:
//
//	rt, err := sched.New() // GOMAXPROCS workers
//	if err != nil {
//		return err
//	}
//	defer rt.Close()
//
//	h := sched.Go(rt, func(cx *sched.Context) (int, error) { return work() })
//	n, err := h.Wait(ctx)
//
// Inside a task, spawn at its Context: the new task stays in the worker's queue
// and costs one allocation. To wait, poll the handle, which is a future; or call
// [Await], which lets the worker run other tasks meanwhile:
//
//	a, b := sched.Go(cx, left), sched.Go(cx, right)
//	both, err := sched.Await(cx, future.Join(a, b))
//
// What belongs together:
//
//	[Runtime.WithContext]  errgroup's methods: the first error cancels the rest
//	[JoinSet]              results in the order in which they come
//	[Scope]                tasks that cannot outlive the call
//	[Owned]                a value that moves into a task, and says so if used after
//
// From an ordinary goroutine, [Runtime.Run] calls a function in the place of a
// parked worker, and [BlockOn] polls a future on the spot; neither wakes a thread.
// [Call] is the same for fork-join, and [Runtime.Enter] is Call without a closure.
// Code that blocks belongs in [SpawnBlocking]. [RoundRobin] is the executor of the
// textbook, on one goroutine and the same every time, for the same futures.
//
// [Runtime.Close] waits for all tasks, [Runtime.Shutdown] as long as its context,
// then it cancels them. Every handle gets an answer.
//
// # Strategies
//
// Who runs what next, by option. What is not chosen costs nothing.
//
//	strategy                   how                         when
//	run-next, stealing half    the default                 most programs
//	first in, first out        [InOrder] ([FIFO])          a task wakes many, and must not favour the last
//	last in, first out         [InOrder] ([LIFO])          trees of tasks: few alive at once
//	stealing one               [StealOne]                  few tasks of a millisecond and more
//	priorities                 [Priorities], [Priority]    some tasks must be quick while others fill the
//	                                                       machine; no level starves, see there
//	earliest deadline first    [Priorities], [Due]         answers are due at different times; tasks of
//	                                                       microseconds, as the order is under one lock
//	affinity                   [Stay]                      data should stay in one core's cache, or belongs
//	                                                       to a thread
//	a local set                [Stay], then [Here]         tasks that share data without locks, or must not
//	                                                       move: what is not Send elsewhere
//	pools that lend workers    [Borrow]                    two kinds of work that must not get into each
//	                                                       other's way, on one machine
//	round-robin                [RoundRobin]                one goroutine, the same every time: tests, tools
//	random, by seed            [RoundRobin], [Seed]        tests that want another order each time
//	fixed slots                [Static]                    small or steady programs: no allocation after
//	                                                       the start, an error when it is full
//	beside the workers         [Anywhere]                  an answer must not wait for long computations
//
// Whatever is chosen, a poll takes at most 128 ready futures and then lets others run,
// and a task that wakes itself for ever waits as long as all others do.
//
// # Tasks that hang
//
// A task that waits although nothing can wake it is logged; with [Track] also where it
// was spawned, and if its waker was dropped unused. [Runtime.Dump] writes what each
// live task does and where it waits. A Close that waits for long logs what for.
//
// # Who may call what
//
//	Runtime                     any goroutine; Close, Shutdown: none inside a task
//	JoinHandle                  any goroutine, any number of copies
//	Context                     the task it was handed to, during that poll
//	Group, JoinSet              any goroutine
//	TaskScope                   its body and its tasks, until Scope returns
//	Owned                       one goroutine at a time
//	RoundRobin, Static          one goroutine at a time
//
// # Errors
//
//	[ErrClosed]     spawned too late; the future was dropped and never polled
//	[ErrCanceled]   aborted, or the runtime canceled its tasks; is context.Canceled
//	[*PanicError]   the task panicked; with value, stack and name
//	[ErrGoexit]     the task called runtime.Goexit, as t.FailNow does
//	[ErrStalled]    a wait on a RoundRobin that nothing there can end
//	[ErrDeadlock]   a task waits for itself, or for one that waits below it
//	[ErrEmpty]      JoinSet.Next of a set without tasks
//	[ErrFull]       spawned at a Static without a free slot
//	*workers.OptionError   from New and Resize, naming the option
//	the cause of a context that ended a wait
//
// # Bad use
//
//	what                                   gets
//	spawn after Close                      ErrClosed
//	spawn at something else                panic that names it
//	a nil future or function               panic that names who was given it
//	a nil Option                           *workers.OptionError with its number
//	Close or Shutdown inside a task, or    panic: it would wait for itself
//	in code of SpawnBlocking or Block
//	the same on a goroutine for which      waits for ever, and is logged
//	a task waits, or in a task that its
//	caller polls as no worker is free
//	Await with another executor's Context  panic
//	Wait or Await for the own handle or    ErrDeadlock
//	group, or for a task that waits below
//	the own handle among other futures     logged, as another may be ready
//	spawn in a scope that was left         panic
//	SetLimit while functions are active    panic, as in errgroup
//	an Owned used after its move           panic that names file and line of the move
//	a panic in a task, in Drop             *PanicError; the pool goes on
//	Goexit in a task                       ErrGoexit; a task that waits below it in
//	                                       Wait or Await ends with it
//	a panic in a waker                     logged; other waiters are told
//	a waker fired twice, or after the end  nothing
//	a task that never yields               reported by the watchdog, with its stack
//	a task that waits without a waker      logged once; Shutdown ends it
//	a waker dropped unused                 the same, with Track
//	a StaticTask used after its result     panic that says so
//	Priority of no level                   panic that names the levels
//	a wait in a Go channel or mutex        withholds the worker: use SpawnBlocking
//	a zero JoinHandle, Runtime, Group,     panics with a nil dereference: they are made
//	JoinSet, TaskScope, RoundRobin         by New, Go and others
//
// README.md draws the life of a task and lists the proofs.
package sched
