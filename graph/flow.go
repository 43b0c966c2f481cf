// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// A Flow is a graph that is made while it runs: each task names the earlier ones
// that it comes after, and starts when they are done. No cycle can be made. Make
// one with [NewFlow], and end it with Wait.
type Flow struct {
	name   string
	rt     *sched.Runtime
	ctx    context.Context
	cancel context.CancelCauseFunc
	policy Policy

	mu     point.Mutex
	open   int                       // holding mu: tasks that are not done, and 1 until Wait
	waited bool                      // holding mu: Wait was called
	number int                       // holding mu: of the last task
	failed []error                   // holding mu
	done   *future.Promise[struct{}] // resolved when open is 0
}

// NewFlow returns an empty flow. Its name is for messages; the policy says what the
// failure of a task leaves out. The end of ctx leaves out what has not started.
func NewFlow(ctx context.Context, rt *sched.Runtime, name string, policy Policy) *Flow {
	if policy > GoOn {
		panic(fmt.Sprintf("pilfer: flow %q: policy %d: want StopRun, StopDependents or GoOn", name, policy))
	}
	f := &Flow{name: name, rt: rt, policy: policy, open: 1, done: future.NewPromise[struct{}]()}
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	return f
}

// A Dep is a task that others can come after: a [*Task] of any type.
type Dep interface {
	state() *taskState
}

// A Task is a task of a flow.
type Task[T any] struct {
	own   taskState
	value T
	f     func(context.Context) (T, error)
}

// A taskState is the part of a task that does not depend on its type.
type taskState struct {
	flow *Flow
	name string

	mu    point.Mutex
	done  bool                    // holding mu; then err and the value stand
	after []*taskState            // holding mu: tasks that wait for this one
	err   error                   // set before done
	task  future.Future[struct{}] // set once: what runs it

	// wait counts what the task waits for, and one until it is submitted.
	// Writers: who ends one of them subtracts. Who makes it zero starts the task. (elect)
	wait point.Int32

	// skip says that a task before it failed.
	// Writers: who ends such a task, before it subtracts from wait.
	skip point.Bool
}

func (t *Task[T]) state() *taskState {
	if t == nil {
		return nil
	}
	return &t.own
}

// ErrSkipped is the error of a task that was not run, as one before it failed.
var ErrSkipped = errors.New("not run, as a task before it failed")

// Submit adds a task to the flow that starts when those before it are done. A task
// may submit others, and may read the values of those before it.
//
// Caller: any, until the flow's Wait has returned.
func Submit[T any](f *Flow, name string, run func(ctx context.Context) (T, error), before ...Dep) *Task[T] {
	if run == nil {
		panic(fmt.Sprintf("pilfer: task %q: nil function", name))
	}
	for _, b := range before {
		if b == nil || b.state() == nil {
			panic(fmt.Sprintf("pilfer: task %q after a nil task: name tasks that Submit returned", name))
		}
	}
	t := &Task[T]{f: run}
	s := &t.own
	s.flow, s.task = f, (*flowTask[T])(t)
	f.mu.Lock()
	if f.open == 0 {
		f.mu.Unlock()
		panic(fmt.Sprintf("pilfer: task %q submitted to a flow after its Wait returned", name))
	}
	f.open++
	f.number++
	s.name = name
	if name == "" {
		s.name = fmt.Sprintf("#%d", f.number)
	}
	f.mu.Unlock()
	s.wait.Store(int32(len(before)) + 1)
	for _, b := range before {
		b.state().then(s)
	}
	s.arrive(f.rt)
	return t
}

// then lets a task wait for s.
func (s *taskState) then(later *taskState) {
	s.mu.Lock()
	if !s.done {
		s.after = append(s.after, later)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	later.arrived(s, s.flow.rt)
}

// arrived counts a task before s as done. at is where to start s.
func (s *taskState) arrived(before *taskState, at sched.Spawner) {
	if before.err != nil && s.flow.policy != GoOn {
		s.skip.Store(true)
	}
	s.arrive(at)
}

// arrive starts the task if nothing is left to wait for.
func (s *taskState) arrive(at sched.Spawner) {
	if s.wait.Dec() == 0 { // elect
		sched.Spawn(at, s.task)
	}
}

// A flowTask is a Task as the future that runs it.
type flowTask[T any] Task[T]

// Poll calls the task's function, and ends the task however that leaves.
func (t *flowTask[T]) Poll(cx *sched.Context) (p future.Poll[struct{}]) {
	s := &t.own
	f := t.f
	t.f = nil
	p = future.Of(struct{}{})
	switch err := context.Cause(s.flow.ctx); {
	case s.skip.Load():
		s.end(cx, ErrSkipped, false)
		return p
	case err != nil:
		s.end(cx, err, false)
		return p
	}
	returned := false
	var err error
	defer func() {
		if !returned {
			err = sched.CrashError(crashOf(recover()), s.name)
		}
		s.end(cx, err, true)
	}()
	t.value, err = f(s.flow.ctx)
	returned = true
	return p
}

// Drop ends a task that the runtime does not run.
func (t *flowTask[T]) Drop() {
	if t.f != nil {
		t.f = nil
		t.own.end(t.own.flow.rt, sched.ErrClosed, true)
	}
}

// end ends the task. at is where to start what comes after it.
func (s *taskState) end(at sched.Spawner, err error, own bool) {
	f := s.flow
	if err != nil && own {
		f.fail(s, err)
	}
	s.mu.Lock()
	s.err = err
	s.done = true
	after := s.after
	s.after = nil
	s.mu.Unlock()
	for _, later := range after {
		later.arrived(s, at)
	}
	f.ended()
}

// fail notes that a task failed. What it returns because the flow was stopped is
// no failure of its own.
func (f *Flow) fail(s *taskState, err error) {
	f.mu.Lock()
	cause := context.Cause(f.ctx)
	if cause == nil || !errors.Is(err, context.Canceled) && !errors.Is(err, cause) {
		f.failed = append(f.failed, &NodeError{Graph: f.name, Node: s.name, Err: err})
	}
	f.mu.Unlock()
	if f.policy == StopRun {
		f.cancel(err)
	}
}

// ended counts a task less.
func (f *Flow) ended() {
	f.mu.Lock()
	f.open--
	last := f.open == 0
	f.mu.Unlock()
	if last {
		f.done.Resolve(struct{}{})
	}
}

// Wait waits until all tasks are done, those included that they submit, and
// returns a [*NodeError] for each that failed, joined if they are several. If ctx
// ends first, it returns its cause, and the tasks go on. No task may be submitted
// after it has returned. It is called once.
//
// Caller: any; inside a task its worker runs others meanwhile, but not a task of
// the flow itself.
func (f *Flow) Wait(ctx context.Context) error {
	f.mu.Lock()
	again := f.waited
	f.waited = true
	f.mu.Unlock()
	if again {
		panic(fmt.Sprintf("pilfer: second Wait of flow %q", f.name))
	}
	f.ended()
	if err := f.rt.Drive(ctx, nil, f.done.Future()); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	err := errors.Join(f.failed...)
	if len(f.failed) == 1 {
		err = f.failed[0]
	}
	if cause := context.Cause(f.ctx); cause != nil && err == nil {
		err = cause
	}
	f.cancel(nil)
	return err
}

// Name returns the task's name, or "#" and its number.
func (t *Task[T]) Name() string { return t.own.name }

// Value returns the task's result. It is for tasks that come after it, and for
// everybody after the flow's Wait; before the task is done it panics.
func (t *Task[T]) Value() (T, error) {
	s := &t.own
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		panic(fmt.Sprintf("pilfer: value of task %q, which is not done: name it among those that the reading task comes after", s.name))
	}
	return t.value, s.err
}
