// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"maps"
	"runtime/debug"
	"slices"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// Await adds a node that waits for a future without holding a worker: for a
// promise, a timer, a channel, a task. f makes the future when the node starts;
// the value is the future's. When the run is stopped the future is dropped.
func Await[T any](g *Graph, name string, f func(ctx context.Context) future.Future[T]) Value[T] {
	k := &waits[T]{f: f, at: g.newWait()}
	n := g.addKind(name, k, f == nil)
	n.flags |= nodeWaits
	v := output[T](n)
	k.out = v.cell
	return v
}

// newWait numbers a node that waits for a future.
func (g *Graph) newWait() int32 {
	g.waits++
	return g.waits - 1
}

type waits[T any] struct {
	f   func(context.Context) future.Future[T]
	out int32
	at  int32 // in exec.waits
}

func (k *waits[T]) begin(c *call) (bool, error) {
	return true, awaitTask(c, k.f(c.ctx), k.at, k.out)
}

// AwaitFor is [Await] for a future that is made of a value.
func AwaitFor[A, T any](g *Graph, name string, f func(ctx context.Context, a A) future.Future[T], a Value[A]) Value[T] {
	k := &waitsFor[A, T]{f: f, at: g.newWait()}
	n := g.addKind(name, k, f == nil)
	n.flags |= nodeWaits
	k.in[0] = input(n, a)
	v := output[T](n)
	k.out = v.cell
	return v
}

type waitsFor[A, T any] struct {
	f   func(context.Context, A) future.Future[T]
	in  [1]int32
	out int32
	at  int32
}

func (k *waitsFor[A, T]) reads() []int32 { return k.in[:] }

func (k *waitsFor[A, T]) begin(c *call) (bool, error) {
	a, err := take[A](c.x, k.in[0])
	if err != nil {
		return false, err
	}
	return true, awaitTask(c, k.f(c.ctx, a), k.at, k.out)
}

// An await is the task of a node that waits; the zero one is none.
type await = sched.JoinHandle[struct{}]

// An awaiting is a future of a node on its way: the node ends when it does.
type awaiting[T any] struct {
	x    *exec
	f    future.Future[T] // nil once the node has ended
	node int32
	out  int32
}

// unnumbered is for a node whose future is not dropped when the run is stopped.
const unnumbered = -1

// awaitTask lets the node wait for f. It always returns nil: the end comes later.
func awaitTask[T any](c *call, f future.Future[T], at, out int32) error {
	if f == nil {
		panic("pilfer: a node that awaits made a nil future: return one, such as future.Ready of a value that is there")
	}
	x := c.x
	t := &awaiting[T]{x: x, f: f, node: c.node.index, out: out}
	if c.node.more != nil || c.held > 0 {
		x.keepCall(c)
	}
	x.open.Inc()
	h := sched.Spawn[struct{}](c.w, t)
	if at == unnumbered {
		return nil
	}
	x.enterWait(at, h)              // [halt-race] W1
	if x.flags.Load()&halted != 0 { // [halt-race] W2
		h.Abort()
	}
	if c.late != nil {
		context.AfterFunc(c.ctx, func() { h.Abort() })
	}
	return nil
}

func (x *exec) enterWait(at int32, h await) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.waits[at] = h
}

// Poll polls the future, and ends the node with it. What the future does wrong is
// the node's error.
func (t *awaiting[T]) Poll(cx *sched.Context) (p future.Poll[struct{}]) {
	returned := false
	defer func() {
		if returned {
			return
		}
		var none T
		t.end(cx, none, sched.CrashError(crashOf(recover()), t.x.plan.nodes[t.node].Name()))
		p = future.Of(struct{}{})
	}()
	got := t.f.Poll(cx)
	returned = true
	if got.Ready {
		t.end(cx, got.Value, got.Err)
		p = future.Of(struct{}{})
	}
	return p
}

// crashOf makes a crash of what recover returned in a deferred function that runs
// because user code did not return.
func crashOf(v any) workers.Crash {
	if v == nil {
		return workers.Crash{Goexit: true}
	}
	return workers.Crash{Value: v, Stack: debug.Stack()}
}

// Drop ends the node without an answer.
func (t *awaiting[T]) Drop() {
	f := t.f
	if f == nil {
		return
	}
	err := context.Cause(t.x.ctx)
	if c := t.x.keptCall(t.node, false); c.ctx != nil && err == nil {
		err = context.Cause(c.ctx)
	}
	if err == nil {
		err = sched.ErrCanceled
	}
	var none T
	defer t.end(nil, none, err)
	future.Drop(f)
}

// end ends the node, inside a poll with cx, or elsewhere.
func (t *awaiting[T]) end(cx *sched.Context, v T, err error) {
	if t.f == nil {
		return
	}
	t.f = nil
	if err == nil {
		put(t.x, t.out, v)
	}
	p := pause{call: t.x.keptCall(t.node, true), node: t.node}
	p.call.x = t.x
	if cx == nil {
		p.end(nil, err)
		return
	}
	_, _ = sched.Call(context.Background(), cx, func(w *workers.Worker) (struct{}, error) {
		p.end(w, err)
		return struct{}{}, nil
	})
}

// keepCall keeps what the end of a node with settings needs. Few nodes that wait
// have any, so it is not in awaiting.
func (x *exec) keepCall(c *call) {
	kept := *c
	kept.w = nil
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.calls == nil {
		x.calls = make(map[int32]call)
	}
	x.calls[c.node.index] = kept
}

// keptCall returns what keepCall kept, if anything.
func (x *exec) keptCall(node int32, forget bool) call {
	x.mu.Lock()
	defer x.mu.Unlock()
	c := x.calls[node]
	if forget {
		delete(x.calls, node)
	}
	return c
}

// Proof [halt-race]: no node waits on when the run has been stopped.
//
//	a node begins to wait             stop
//	  W1  enter it among the waits      H1  halt: set the flag
//	  W2  read the flag; set: abort     H2  look at the waits; abort each
//
// W1 before H2 in S: H2 aborts it. Otherwise H1, H2, W1, W2: W2 sees the flag.
// (cross) Both may abort it, which is the same as once. A node that asks for a
// semaphore reads the flag and enters the queue under the lock under which H2
// looks at it. An execution that begins reads stopped under the lock of the run,
// and stop goes through the executions under it.
//
// Checked by: TestAwaitEndsWithTheRun, TestCancelAtEveryStep, TestMixedGraphsCanceled,
// TestExploreGraphFailsBesideAwait, TestExploreGraphFailsBesideRetry.

// wakeWaiting ends the nodes that wait for futures or semaphores.
//
// Caller: any, after halt.
func (x *exec) wakeWaiting() {
	for _, s := range x.plan.uses {
		s.remove(x)
	}
	if l := x.run.limit; l != nil {
		l.remove(x)
	}
	x.abortWaits() // [halt-race] H2
}

// abortWaits ends the tasks of the nodes that wait for futures or their next try.
func (x *exec) abortWaits() {
	x.mu.Lock()
	waits := append([]await(nil), x.waits...)
	for _, i := range slices.Sorted(maps.Keys(x.naps)) { // in the same order each time, for a seed that is run again
		waits = append(waits, x.naps[i])
	}
	x.mu.Unlock()
	for _, w := range waits {
		if w != (await{}) {
			w.Abort()
		}
	}
}
