// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Code that blocks its goroutine withholds the worker's place. Help runs other jobs on
// the same goroutine, which it cannot if the goroutine itself sleeps in a system call
// or a channel. So the place is lent to another goroutine, which becomes its worker for
// good: the one that blocked comes back as a guest, for the rest of its job, and ends
// with that. So there is no more than one goroutine that runs jobs in a place.

// Block calls f, which blocks, and lends the worker's queue to a spare goroutine
// meanwhile. It returns when f has, and the spare has ended the job that it is in. A
// panic or runtime.Goexit of f goes on. After it the job goes on as a guest does: it
// runs other jobs only of its own.
//
// About 85 us for a locked worker, as it starts a thread, else 3 us; see BenchmarkBlock.
// While something is kept here, see [Worker.Keep], the place cannot be lent: then f is
// called on a goroutine of its own, and the worker runs other jobs on top of the waiting
// one.
//
// Caller: owner, inside a job.
func (w *Worker) Block(f func()) {
	w.checkSitter()
	if f == nil {
		refuseNil("Block")
	}
	if !w.guest && w.kept > 0 {
		w.blockBeside(f)
		return
	}
	h := &Hold{worker: w, guest: true}
	h.parker.Init(w.pool.portable)
	current := w.current
	defer w.unshelve(w.shelve())
	w.pool.done.Add(1) // Close waits for us; the place's worker counts meanwhile
	if w.guest {
		w.Leave()
	} else {
		w.lend()
	}
	defer func() {
		w.comeBack(h)
		w.pool.done.Done()
		w.sitDown()
		w.current = current
	}()
	f()
}

// lend gives the place to a new worker.
//
// Caller: the worker, inside a job whose forks are put aside.
func (w *Worker) lend() {
	w.current = nil
	w.unparkNow()
	w.owesP = false // to block gives it up
	w.sitter.Store(0)
	point.Go(w.main)
}

// blockBeside is Block where the goroutine must stay the worker.
//
// Caller: the worker, inside a job.
func (w *Worker) blockBeside(f func()) {
	h := w.NewHold()
	var crash *Crash
	point.Go(func() {
		returned := false
		defer func() {
			if !returned {
				c := crashOf(recover())
				crash = &c
			}
			h.End() // publish
		}()
		f()
		returned = true
	})
	w.Help(h)
	switch {
	case crash == nil:
	case crash.Goexit:
		runtime.Goexit()
	default:
		panic(crash.Value)
	}
}
