// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A planted is a model with a mistake that can be left out.
type planted struct {
	name  string
	kind  string // of the failure
	model func(bug bool) func(x *X)
}

// What schedulers get wrong, each in a few lines.
var plants = []planted{
	{"lost wake-up", "deadlock", lostWake},
	{"doubled steal", "failed check", doubledSteal},
	{"wake after completion is dropped", "deadlock", droppedWake},
	{"shutdown strands a task", "failed check", strandedTask},
	{"both sides miss each other", "failed check", dekker},
	{"reused node", "failed check", reusedNode},
	{"spin on a word that nobody writes", "livelock", silentFlag},
	{"two locks in two orders", "deadlock", twoLocks},
	{"plain counter", "failed check", lostUpdate},
}

// lostWake: the sleeper looks for work and then announces its sleep, and does not
// look again.
func lostWake(bug bool) func(x *X) {
	return func(x *X) {
		var work, sleeping Uint32
		x.Go("worker", func() {
			if bug && work.Load() != 0 {
				return
			}
			sleeping.Store(1)
			if !bug && work.Load() != 0 {
				return
			}
			FutexWait(&sleeping, 1)
		})
		x.Go("pusher", func() {
			work.Store(1)
			if sleeping.Swap(0) == 1 {
				FutexWake(&sleeping)
			}
		})
	}
}

// doubledSteal: the owner takes the last job without electing itself.
func doubledSteal(bug bool) func(x *X) {
	return func(x *X) {
		var top, bottom Int64
		bottom.Store(1)
		taken := 0
		x.Go("owner", func() {
			bottom.Store(0)
			if t := top.Load(); t == 0 && (bug || top.CompareAndSwap(0, 1)) {
				taken++
			}
		})
		x.Go("thief", func() {
			t := top.Load()
			if bottom.Load()-t > 0 && top.CompareAndSwap(t, t+1) {
				taken++
			}
		})
		x.Wait()
		x.Check(taken == 1, "the job was taken %d times", taken)
	}
}

// droppedWake: a task is woken while it is polled, and the worker, which is about
// to call it idle, does not look whether it was.
func droppedWake(bug bool) func(x *X) {
	const idle, running, woken = 0, 1, 2
	return func(x *X) {
		var state, ready, queued Uint32
		state.Store(running)
		worker := x.Go("worker", func() {
			for ready.Load() == 0 {
				if bug {
					state.Store(idle)
				} else if !state.CompareAndSwap(running, idle) {
					state.Store(running)
					continue
				}
				FutexWait(&queued, 0)
				queued.Store(0)
				state.Store(running)
			}
		})
		x.Go("waker", func() {
			ready.Store(1)
			for {
				switch s := state.Load(); s {
				case woken:
					return
				case running:
					if state.CompareAndSwap(running, woken) {
						return
					}
				case idle:
					queued.Store(1)
					FutexWake(&queued)
					return
				}
			}
		})
		worker.Join()
	}
}

// strandedTask: a spawn looks whether the pool is closed, and then queues; the
// close drains the queue in between.
func strandedTask(bug bool) func(x *X) {
	return func(x *X) {
		var mu Mutex
		var closed Bool
		var queue Int32
		accepted, ran := int32(0), int32(0)
		x.Go("spawner", func() {
			if bug {
				if !closed.Load() {
					queue.Inc()
					accepted++
				}
				return
			}
			mu.Lock()
			if !closed.Load() {
				queue.Inc()
				accepted++
			}
			mu.Unlock()
		})
		x.Go("closer", func() {
			mu.Lock()
			closed.Store(true)
			mu.Unlock()
			ran = queue.Swap(0)
		})
		x.Wait()
		x.Check(accepted == ran, "%d tasks were accepted and %d ran", accepted, ran)
	}
}

// dekker: each side reads the other's word before it writes its own.
func dekker(bug bool) func(x *X) {
	return func(x *X) {
		var w [2]Int32
		inside := 0
		for i := range 2 {
			x.Go(fmt.Sprint("side ", i), func() {
				var other int32
				if bug {
					other = w[1-i].Load()
					w[i].Store(1)
				} else {
					w[i].Store(1)
					other = w[1-i].Load()
				}
				if other == 0 {
					inside++
				}
			})
		}
		x.Wait()
		x.Check(inside <= 1, "both sides are inside")
	}
}

// reusedNode: a stack whose nodes are used again takes an old node for the same
// one, unless its word counts the changes.
func reusedNode(bug bool) func(x *X) {
	return func(x *X) {
		var next [3]Uint32 // by node, from 1; 0 is the end
		var head Uint32    // the node, and above it the number of changes
		node := func(w uint32) uint32 { return w & 3 }
		pack := func(old, n uint32) uint32 {
			if bug {
				return n
			}
			return (old &^ 3) + 4 + n
		}
		push := func(n uint32) {
			for {
				h := head.Load()
				next[n].Store(node(h))
				if head.CompareAndSwap(h, pack(h, n)) {
					return
				}
			}
		}
		pop := func() uint32 {
			for {
				h := head.Load()
				n := node(h)
				if n == 0 {
					return 0
				}
				if head.CompareAndSwap(h, pack(h, next[n].Load())) {
					return n
				}
			}
		}
		push(1)
		push(2)
		var got uint32
		x.Go("slow", func() { got = pop() })
		x.Go("quick", func() {
			a, b := pop(), pop()
			if a == 2 && b == 1 {
				push(2) // 1 stays out
				x.Check(node(head.Load()) != 1, "node 1 is in the stack, and is ours")
			}
		})
		x.Wait()
		_ = got
	}
}

// silentFlag: the other side writes to the wrong word.
func silentFlag(bug bool) func(x *X) {
	return func(x *X) {
		var flag, other Bool
		x.Go("waiter", func() {
			for !flag.Load() {
				Spin()
			}
		})
		x.Go("setter", func() {
			if bug {
				other.Store(true)
			} else {
				flag.Store(true)
			}
		})
	}
}

func twoLocks(bug bool) func(x *X) {
	return func(x *X) {
		var a, b Mutex
		both := func(first, second *Mutex) func() {
			return func() {
				first.Lock()
				defer first.Unlock()
				second.Lock()
				defer second.Unlock()
			}
		}
		x.Go("one", both(&a, &b))
		if bug {
			x.Go("two", both(&b, &a))
		} else {
			x.Go("two", both(&a, &b))
		}
	}
}

func lostUpdate(bug bool) func(x *X) {
	return func(x *X) {
		var n Int32
		for i := range 2 {
			x.Go(fmt.Sprint("adder ", i), func() {
				if bug {
					n.Store(n.Load() + 1)
				} else {
					n.Inc()
				}
			})
		}
		x.Wait()
		x.Check(n.Load() == 2, "two additions make %d", n.Load())
	}
}

func TestPlantedBugsAreFound(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			for _, opts := range []Options{
				{}, {Mode: Plain, MaxRuns: 200_000}, {Preemptions: 2}, {Mode: Random, Seed: 1}, {Mode: Priorities, Seed: 1}, {Mode: Storm, Seed: 1},
			} {
				r := Run(opts, p.model(true))
				require.NotNil(t, r.Failure, "%v", r)
				require.Equal(t, p.kind, r.Failure.Kind, "%v", r.Failure)
				require.False(t, r.Complete)
				again := Run(Options{Schedule: r.Failure.Schedule}, p.model(true))
				require.NotNil(t, again.Failure, "the schedule %s does not fail again", r.Failure.Schedule)
				require.Equal(t, r.Failure.Kind, again.Failure.Kind)
				require.Equal(t, r.Failure.What, again.Failure.What)
				require.LessOrEqual(t, r.Failure.Switches, 8, "%v", r.Failure)
				require.Contains(t, r.Failure.Trace, "planted_test.go:")
				if opts.Mode == Exhaustive && opts.Preemptions == 0 {
					t.Logf("%v\n%v", r, r.Failure)
				}
			}
		})
	}
}

func TestWithoutTheBugNothingIsFound(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			for _, opts := range []Options{{}, {Preemptions: 2}, {Mode: Random, MaxRuns: 300}, {Mode: Priorities, MaxRuns: 300}, {Mode: Storm, MaxRuns: 300}} {
				r := Run(opts, p.model(false))
				require.Nil(t, r.Failure, "%v", r.Failure)
				require.Equal(t, opts.Mode == Exhaustive, r.Complete)
			}
		})
	}
}
