// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"math"
	"runtime/debug"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// How a pipeline runs. Each value travels in a token, whose number is that of the
// value, and whose slot, number modulo tokens, is where the stages keep it. A token
// that can go on is ready; one that came before its turn at a serial stage is put
// aside until the token before it has passed. Runners are tasks that take ready
// tokens; there are as many as are needed, up to the number of workers, and they end
// when nothing is ready: nobody waits on a worker. Who runs a token takes it as far
// as it goes. The caller runs the source and takes results, and waits if it can do
// neither.
//
// All is under one lock, which is held for some ten nanoseconds for each stage.
type flow struct {
	rt     *sched.Runtime
	at     sched.Spawner // of the caller
	stages []stage       // set before the first value
	yield  func(slot int) bool
	most   int // runners
	stop   func() bool

	// Of the caller's goroutine.
	broken bool // the loop over the results was left
	result int  // the number of the next result; written holding mu

	mu      point.Mutex
	tokens  []token   // holding mu, but for its length
	in      int       // holding mu: the number of the next value
	ready   []int     // holding mu: numbers of tokens, the oldest first
	runners int       // holding mu
	failed  int       // holding mu: no stage runs for this token, nor for those behind it
	err     error     // holding mu: of token failed
	waiting *waitable // holding mu: the caller sleeps
}

// A stage is one of the functions that a value passes.
type stage struct {
	serial bool
	run    func(slot int) error
	turn   int // holding mu: the number of the next token, if serial
}

// A token carries a value.
type token struct {
	stage int  // the one that it is in, or waits for
	aside bool // it came before its turn
	done  bool // it has passed all stages
}

// A waitable is one wait of the caller.
type waitable struct {
	promise *future.Promise[none]
	ended   chan none // for a caller whom a closed runtime does not serve
}

// tokensEach is how many values there are in flight for each worker, if nobody
// says: one is in a stage, and the others let workers go on while results are
// waited for in order.
const tokensEach = 4

// tokensMost bounds them, as their slots are allocated at once, and who asks for
// any number means no bound.
const tokensMost = 1 << 16

func newFlow(ctx context.Context, at sched.Spawner, opts []Option) (*flow, error) {
	_, rt, err := sched.Where(at)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f := &flow{rt: rt, at: at, most: rt.Workers(), failed: math.MaxInt}
	n := inFlightOf(opts)
	if n == 0 {
		n = tokensEach * f.most
	}
	f.tokens = make([]token, min(n, tokensMost))
	f.stop = context.AfterFunc(ctx, func() { f.fail(-1, context.Cause(ctx)) })
	return f, nil
}

// admit returns the slot for the next value, when one is free. Meanwhile it delivers
// results. It reports false if the pipeline has ended.
//
// Caller: the caller of the pipeline.
func (f *flow) admit() (slot int, ok bool) {
	for f.deliver() {
		f.mu.Lock()
		if f.in-f.result < len(f.tokens) {
			f.mu.Unlock()
			return f.in % len(f.tokens), true
		}
		f.sleep()
	}
	return 0, false
}

// start lets the value in the slot of the next token go. err is the source's.
//
// Caller: the caller of the pipeline, after admit.
func (f *flow) start(slot int, err error) {
	f.mu.Lock()
	number := f.in
	f.in++
	f.tokens[slot] = token{}
	if err != nil {
		f.failLocked(number, err)
	}
	if f.arrive(number) {
		f.ready = append(f.ready, number)
	}
	spawn := f.more()
	f.mu.Unlock()
	if spawn {
		sched.Spawn(f.at, future.Future[none](&runner{f: f}))
	}
}

// deliver hands over the results that are there. It reports false if the loop over
// them was left, or the pipeline has ended.
//
// Caller: the caller of the pipeline.
func (f *flow) deliver() bool {
	for !f.broken {
		slot := f.result % len(f.tokens)
		f.mu.Lock()
		ended, there := f.result >= f.failed, f.there()
		f.mu.Unlock()
		if !there {
			return !ended
		}
		f.broken = true // unless yield returns, and says otherwise
		f.broken = !f.yield(slot)
		f.mu.Lock()
		f.result++
		f.mu.Unlock()
	}
	return false
}

// there reports whether the next result can be delivered.
//
// Caller: the caller of the pipeline, holding mu.
func (f *flow) there() bool {
	return f.result < f.failed && f.result < f.in && f.tokens[f.result%len(f.tokens)].done
}

// drain delivers what is in flight when the source has ended. It reports whether
// that was all.
//
// Caller: the caller of the pipeline.
func (f *flow) drain() bool {
	for f.deliver() {
		f.mu.Lock()
		if f.result == f.in {
			f.mu.Unlock()
			return true
		}
		f.sleep()
	}
	return false
}

// close ends the pipeline, and waits for the stages that run.
//
// Caller: the caller of the pipeline.
func (f *flow) close() {
	f.stop()
	f.mu.Lock()
	f.failed = min(f.failed, f.result)
	for f.runners > 0 {
		f.wait()
		f.mu.Lock()
	}
	f.mu.Unlock()
}

// cause returns what ended the pipeline, if it was not the end of the source.
func (f *flow) cause() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// sleep waits until there is a result, or the pipeline has ended. It unlocks mu.
//
// Caller: the caller of the pipeline, holding mu.
func (f *flow) sleep() {
	if f.there() || f.result >= f.failed {
		f.mu.Unlock()
		return
	}
	f.wait()
}

// wait waits for the next event: a result, an error, the end of the last runner. It
// unlocks mu.
//
// Caller: the caller of the pipeline, holding mu, who has seen that none has come.
func (f *flow) wait() {
	w := &waitable{future.NewPromise[none](), make(chan none)}
	f.waiting = w
	f.mu.Unlock()
	if _, err := sched.BlockOn(context.Background(), f.rt, w.promise.Future()); err != nil {
		<-w.ended // the runtime is being closed, but runs what it has begun
	}
}

// wake ends the caller's sleep.
//
// Caller: any, holding mu.
func (f *flow) wake() {
	if w := f.waiting; w != nil {
		f.waiting = nil
		close(w.ended)
		w.promise.Resolve(none{})
	}
}

// fail ends the pipeline at a token, or at once.
//
// Caller: any.
func (f *flow) fail(number int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failLocked(number, err)
}

// failLocked is fail.
//
// Caller: any, holding mu.
func (f *flow) failLocked(number int, err error) {
	if number < f.failed {
		f.failed, f.err = number, err
		f.wake()
	}
}

// arrive lets a token come to its next stage. It reports whether it can go on; else
// it is done, or put aside.
//
// Caller: who has the token, holding mu.
func (f *flow) arrive(number int) bool {
	t := &f.tokens[number%len(f.tokens)]
	if t.stage == len(f.stages) {
		t.done = true
		if number == f.result {
			f.wake()
		}
		return false
	}
	s := &f.stages[t.stage]
	t.aside = s.serial && s.turn != number
	return !t.aside
}

// pass lets a token leave its stage, and the next one have its turn.
//
// Caller: who has the token, holding mu.
func (f *flow) pass(number int) {
	t := &f.tokens[number%len(f.tokens)]
	at := t.stage
	t.stage++
	s := &f.stages[at]
	if !s.serial {
		return
	}
	s.turn = number + 1
	if s.turn == f.in {
		return
	}
	if next := &f.tokens[s.turn%len(f.tokens)]; next.aside && next.stage == at {
		next.aside = false
		f.ready = append(f.ready, s.turn)
	}
}

// more reports whether another runner is to be spawned, and counts it.
//
// Caller: any, holding mu.
func (f *flow) more() bool {
	if len(f.ready) == 0 || f.runners == f.most {
		return false
	}
	f.runners++
	return true
}

// A runner is a task that runs stages.
type runner struct {
	f      *flow
	exited bool // a stage called Goexit
}

// runnerBudget is how many stages a runner runs before it lets other tasks of its
// worker go first.
const runnerBudget = 64

// Poll runs stages until no token is ready.
func (r *runner) Poll(cx *sched.Context) future.Poll[none] {
	f := r.f
	r.exited = true // unless Poll returns
	f.mu.Lock()
	for range runnerBudget {
		if len(f.ready) == 0 {
			r.exited = false
			f.leave()
			f.mu.Unlock()
			return future.Of(none{})
		}
		number := f.ready[0]
		f.ready = f.ready[1:]
		for on := true; on; on = f.arrive(number) {
			skip := number >= f.failed
			spawn := f.more()
			f.mu.Unlock()
			if spawn {
				sched.Spawn(cx, future.Future[none](&runner{f: f}))
			}
			if !skip {
				f.run(number)
			}
			f.mu.Lock()
			f.pass(number)
		}
	}
	f.mu.Unlock()
	r.exited = false
	cx.Wake()
	return future.Wait[none]()
}

// Drop is called if the runtime refuses the runner, or gives it up, and if a stage
// has called Goexit, which has ended the pipeline at its token: those before it need
// another runner.
func (r *runner) Drop() {
	f := r.f
	if !r.exited {
		f.fail(-1, sched.ErrClosed)
	}
	f.mu.Lock()
	f.leave()
	spawn := r.exited && f.more()
	f.mu.Unlock()
	if spawn {
		sched.Spawn(f.rt, future.Future[none](&runner{f: f}))
	}
}

// run runs a stage for a token. What goes wrong ends the pipeline there.
//
// Caller: the runner that has the token.
func (f *flow) run(number int) {
	slot := number % len(f.tokens)
	err := sched.ErrGoexit
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Index: number, Value: v, Stack: debug.Stack()}
		}
		if err != nil {
			f.fail(number, err)
		}
	}()
	err = f.stages[f.tokens[slot].stage].run(slot)
}

// leave counts a runner out.
//
// Caller: the runner, holding mu.
func (f *flow) leave() {
	f.runners--
	if f.runners == 0 {
		f.wake()
	}
}
