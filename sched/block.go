// SPDX-License-Identifier: Apache-2.0

package sched

// Block calls f, which may block its goroutine: in a Go channel or mutex, in a file or a
// system call. Meanwhile the worker's tasks are run by a spare one, so that f withholds
// only the task that calls it. It returns what f does, after the spare has ended the poll
// that it is in; a panic of f goes on.
//
// It is for a short piece of blocking code in the middle of a task, which sees the
// variables around it. It costs about 85 us with locked workers, for a thread, and 3 us without: code that
// blocks more often, or that is to end by a context, is better off in [SpawnBlocking]. On
// a worker with an [future.Async] under way f is called on a goroutine of its own, and the
// worker runs other tasks on top of the waiting one: do not hold a lock there that those
// may want. On a [RoundRobin] executor, or by a caller without a place, it is a plain call.
//
// Caller: the task to which cx was handed.
func Block(cx *Context, f func() error) (err error) {
	if f == nil {
		refuseNil("Block")
	}
	l, ok := cx.Local().(*local)
	if !ok {
		panic(notASpawner(cx))
	}
	if l.w == nil {
		return f()
	}
	rt, outer, labels := l.rt, l.cx, l.labels
	rt.beginOutside() // the task is not in any queue
	defer rt.doneOutside()
	l.label(workerLabels) // the spare has its own
	l.newContext()
	defer func() {
		l.cx = outer
		l.label(labels)
	}()
	l.w.Block(func() {
		defer rt.blockers.enter()()
		err = f()
	})
	return err
}
