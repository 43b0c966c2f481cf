// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
)

// SpawnBlocking calls f on an ordinary goroutine, for code that blocks: in
// channels and mutexes, in files and sockets, in sleep. Go's own scheduler is
// the pool for that; at most [MaxBlocking] functions run at once, the others
// wait, first come, first served.
//
// f's context ends when the task is aborted or the runtime cancels its tasks.
// An aborted task has its answer at once; f is not waited for, except by Close. So f
// must not call Close: that panics.
//
// Caller: as [Spawn].
func SpawnBlocking[T any](at Spawner, f func(context.Context) (T, error)) JoinHandle[T] {
	if f == nil {
		refuseNil("SpawnBlocking")
	}
	return Spawn(at, future.Future[T](&blockingCall[T]{f: f, rt: runtimeOf(at)}))
}

// blockingCall is a function on its way to a goroutine, and then its result.
type blockingCall[T any] struct {
	rt     *Runtime
	f      func(context.Context) (T, error)
	result future.Future[T]
	cancel context.CancelFunc
}

// Poll hands the function to a goroutine the first time, and then waits.
func (b *blockingCall[T]) Poll(cx *Context) future.Poll[T] {
	if b.result == nil {
		ctx, cancel := context.WithCancel(b.rt.ctx)
		p := future.NewPromise[T]()
		b.result, b.cancel = p.Future(), cancel
		f := b.f
		b.f = nil
		b.rt.blockers.run(b.rt, func() { callBlocking(ctx, f, p) })
	}
	got := b.result.Poll(cx)
	if got.Ready {
		b.cancel()
	}
	return got
}

// Drop ends the function's context.
func (b *blockingCall[T]) Drop() {
	if b.cancel != nil {
		b.cancel()
		future.Drop(b.result)
	}
}

// callBlocking calls f, unless nobody wants its result, and resolves p whatever
// f does.
func callBlocking[T any](ctx context.Context, f func(context.Context) (T, error), p *future.Promise[T]) {
	if ctx.Err() != nil {
		p.Reject(ErrCanceled)
		return
	}
	returned := false
	defer func() {
		if !returned {
			p.Reject(crashError(recovered(recover()), ""))
		}
	}()
	v, err := f(ctx)
	returned = true
	if err != nil {
		p.Reject(err)
	} else {
		p.Resolve(v)
	}
}

// blockers runs functions on at most max goroutines.
type blockers struct {
	max int

	mu      point.Mutex
	running int      // holding mu
	waiting []func() // holding mu; oldest first

	inside map[uintptr]int // holding mu: how many blocking functions each goroutine is in
}

// enter notes that the calling goroutine is in a blocking function, and returns what
// undoes that: so that a Close in there is told.
//
// Caller: any.
func (b *blockers) enter() (leave func()) {
	g := self.Goroutine()
	b.count(g, 1)
	return func() { b.count(g, -1) }
}

func (b *blockers) count(goroutine uintptr, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inside == nil {
		b.inside = map[uintptr]int{}
	}
	if b.inside[goroutine] += n; b.inside[goroutine] == 0 {
		delete(b.inside, goroutine)
	}
}

// here reports whether the calling goroutine is in a blocking function, if goroutines
// can be told apart.
//
// Caller: any.
func (b *blockers) here() bool {
	g := self.Goroutine()
	b.mu.Lock()
	defer b.mu.Unlock()
	return g != 0 && b.inside[g] > 0
}

// run calls f on a goroutine as soon as there may be one more.
//
// Caller: any.
func (b *blockers) run(rt *Runtime, f func()) {
	rt.beginOutside()
	b.mu.Lock()
	if b.running == b.max {
		b.waiting = append(b.waiting, f)
		b.mu.Unlock()
		return
	}
	b.running++
	b.mu.Unlock()
	point.Go(func() { b.serve(rt, f) })
}

// len returns how many functions run or wait to run.
//
// Caller: any.
func (b *blockers) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.running + len(b.waiting)
}

// serve calls f, then those that wait. It goes on through Goexit in f.
func (b *blockers) serve(rt *Runtime, f func()) {
	defer func() {
		defer rt.leaveOutside() // last: Close waits for it, and then nothing runs or is counted
		b.mu.Lock()
		if len(b.waiting) == 0 {
			b.running--
			b.mu.Unlock()
			return
		}
		next := b.waiting[0]
		b.waiting[0] = nil
		b.waiting = b.waiting[1:]
		b.mu.Unlock()
		point.Go(func() { b.serve(rt, next) })
	}()
	rt.stayOutside()
	defer b.enter()()
	f()
}
