// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"
	"weak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// Track makes the runtime note where each task was spawned, when it was polled last,
// and where it waits: for [Runtime.Dump], and for reports of tasks that nothing will
// wake. So a task is reported too whose waker was taken, and then dropped unused:
// at once if [waker.Waker.Drop] was called, else when the collector has found that
// nobody holds it. A waker that the task itself keeps alive is not missed.
//
// It costs about 1 us for a spawn and half of it for a poll, under one lock. Use it
// while you look for a task that hangs.
func Track() Option { return func(c *config) { c.track = true } }

// A tracker knows all live tasks of a runtime, for as long as it runs.
type tracker struct {
	rt *Runtime

	mu     point.Mutex
	live   map[*core]*trace // holding mu; and some that are done
	sweep  int              // holding mu: at this size those are dropped
	number uint64           // holding mu: of the last task
}

// A trace is what is known of a task.
type trace struct {
	c      *core
	number uint64
	name   string
	kind   string
	born   time.Time
	place  [8]uintptr // who called Spawn

	mu      point.Mutex
	polls   int                      // holding mu
	polling bool                     // holding mu
	at      time.Time                // holding mu: begin of the poll, or end of the last
	waits   [16]uintptr              // holding mu: who took the waker last
	holders int                      // holding mu: wakers taken and not dropped
	target  weak.Pointer[heldTarget] // holding mu
	told    bool                     // holding mu: it was reported
}

func newTracker(rt *Runtime) *tracker {
	return &tracker{rt: rt, live: map[*core]*trace{}, sweep: 1024}
}

// born notes a task that is spawned. The places of callers are those of Spawn's.
//
// Caller: who spawns the task, before anybody else knows it.
func (k *tracker) born(c *core) {
	r := c.job.Runner.(runner)
	tr := &trace{c: c, name: r.name(), kind: r.kindOf(), born: time.Now()}
	runtime.Callers(3, tr.place[:]) // above Callers, born and start
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.live) >= k.sweep {
		for c := range k.live {
			if c.state.isDone() {
				delete(k.live, c)
			}
		}
		k.sweep = max(1024, 2*len(k.live))
	}
	k.number++
	tr.number = k.number
	k.live[c] = tr
	r.track(tr)
}

// of returns what is known of a task, or nil.
//
// Caller: any.
func (k *tracker) of(c *core) *trace {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.live[c]
}

// A heldTarget is what the wakers of a task wake that is tracked. Only wakers hold
// it: so the collector knows when there is none left.
type heldTarget struct{ tr *trace }

// WakeBy wakes the task.
//
// Caller: any.
func (h *heldTarget) WakeBy(from waker.Local) { h.tr.c.WakeBy(from) }

// CloneTarget counts a waker, and notes who took it.
//
// Caller: any.
func (h *heldTarget) CloneTarget() waker.Target {
	tr := h.tr
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.holders++
	clear(tr.waits[:])
	runtime.Callers(3, tr.waits[:]) // above Callers, CloneTarget and the waker's part
	return h
}

// DropTarget counts a waker that is gone. If it was the last one, and the task waits,
// nothing will wake it.
//
// Caller: any.
func (h *heldTarget) DropTarget() {
	tr := h.tr
	tr.mu.Lock()
	tr.holders--
	last := tr.holders == 0
	tr.mu.Unlock()
	if last {
		tr.strand()
	}
}

// strand reports the task if it waits and nobody holds a waker of it. Who wakes it
// does so before the waker is dropped, so it does not wait then; unless it was polled
// since, which is seen by the count of polls.
//
// Caller: any.
func (tr *trace) strand() {
	if tr == nil {
		return // a task that is not tracked
	}
	tr.mu.Lock()
	polls, gone := tr.polls, tr.unheld()
	tr.mu.Unlock()
	if !gone || !tr.c.state.load().idle() {
		return
	}
	tr.mu.Lock()
	tell := polls == tr.polls && tr.unheld() && !tr.told
	tr.told = tr.told || tell
	tr.mu.Unlock()
	if tell {
		tr.c.rt.log.strand(allDropped, tr.name, tr.kind, tr.spawned())
	}
}

// unheld reports whether nobody holds a waker.
//
// Caller: holding mu.
func (tr *trace) unheld() bool { return tr.holders <= 0 || tr.target.Value() == nil }

// isPolled reports whether cx is that of a poll of the task: of the task itself, and
// not of a future that has a waker of its own.
//
// Caller: the goroutine that polls.
func (c *core) isPolled(cx *Context) bool {
	if tr := c.rt.tracker.of(c); tr != nil {
		h := tr.held()
		return h != nil && cx.WillWake(waker.New(h))
	}
	return cx.WillWake(waker.New(c))
}

// held returns what the wakers of the task wake, or nil if nobody holds one.
//
// Caller: any.
func (tr *trace) held() *heldTarget {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.target.Value()
}

// setTold notes that the task was reported.
//
// Caller: any.
func (tr *trace) setTold() {
	tr.mu.Lock()
	tr.told = true
	tr.mu.Unlock()
}

// A trackedFuture is the future of a task that is tracked.
type trackedFuture[T any] struct {
	inner future.Future[T]
	tr    *trace
}

// track puts the task's future into one that notes its polls.
//
// Caller: who spawns the task.
func (t *task[T]) track(tr *trace) { t.future = &trackedFuture[T]{t.future, tr} }

// Poll polls the future with a waker that is counted.
func (f *trackedFuture[T]) Poll(cx *Context) future.Poll[T] {
	cx.SetWaker(f.tr.beginPoll())
	p := f.inner.Poll(cx)
	cx.SetWaker(waker.Noop()) // a Context that lives long must not keep it
	f.tr.endPoll()
	return p
}

// Drop drops the future.
func (f *trackedFuture[T]) Drop() { future.Drop(f.inner) }

// beginPoll notes that a poll begins, and returns the waker for it.
//
// Caller: who owns the task.
func (tr *trace) beginPoll() waker.Waker {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.polling, tr.told, tr.at = true, false, time.Now()
	tr.polls++
	h := tr.target.Value()
	if h == nil {
		h = &heldTarget{tr}
		tr.target, tr.holders = weak.Make(h), 0
		runtime.AddCleanup(h, (*trace).strand, tr)
	}
	return waker.New(h)
}

// endPoll notes that a poll has ended.
//
// Caller: who owns the task.
func (tr *trace) endPoll() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.polling, tr.at = false, time.Now()
}

// spawned says where the task was spawned.
func (tr *trace) spawned() string {
	for _, f := range frames(tr.place[:]) {
		if !strings.HasPrefix(f.Function, spawnPrefix) {
			return placeOf(f)
		}
	}
	return ""
}

// spawnPrefix is how the functions begin that the callers of Spawn do not care for.
const spawnPrefix = "github.com/pilfer-go/pilfer/sched."

func placeOf(f runtime.Frame) string {
	return fmt.Sprintf("%s:%d (%s)", f.File, f.Line, f.Function)
}

// frames returns the frames of a stack.
func frames(pcs []uintptr) (all []runtime.Frame) {
	n := 0
	for n < len(pcs) && pcs[n] != 0 {
		n++
	}
	if n == 0 {
		return nil
	}
	for it := runtime.CallersFrames(pcs[:n]); ; {
		f, more := it.Next()
		all = append(all, f)
		if !more {
			return all
		}
	}
}

// kindOf names a future: a function by its name, others by their type.
func kindOf(f any) string {
	for w, ok := f.(interface{ within() any }); ok; w, ok = f.(interface{ within() any }) {
		f = w.within() // not what options made of it
	}
	if v := reflect.ValueOf(f); v.Kind() == reflect.Func {
		if fn := runtime.FuncForPC(v.Pointer()); fn != nil {
			return fn.Name()
		}
	}
	return fmt.Sprintf("%T", f)
}
